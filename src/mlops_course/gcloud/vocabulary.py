"""Names that there are: zones, machines, images, services, scopes, flags."""

import re

ZONES = (
    *(f"europe-west1-{letter}" for letter in "bcd"), *(f"europe-north1-{letter}" for letter in "abc"),
    *(f"europe-west4-{letter}" for letter in "abc"), *(f"us-central1-{letter}" for letter in "abcf"),
)  # fmt: skip
MACHINE = re.compile(
    r"(e2|n1|n2|n2d|n4|t2d|t2a|c2|c2d|c3|c3d|c4)-(standard|highmem|highcpu)-\d+|e2-(micro|small|medium)|f1-micro"
    r"|g1-small|(a2|g2|a3|m1|m2|m3)-\w+-\w+|((e2|n2|n2d)-)?custom-\d+-\d+"
)
IMAGE_FAMILIES = {
    "debian-cloud": {"debian-11", "debian-12", "debian-13", "debian-12-arm64", "debian-13-arm64"},
    "ubuntu-os-cloud": {
        "ubuntu-2204-lts", "ubuntu-2404-lts-amd64", "ubuntu-2404-lts-arm64", "ubuntu-minimal-2404-lts-amd64",
        "ubuntu-minimal-2204-lts", "ubuntu-2504-amd64",
    },
}  # fmt: skip
IMAGE = re.compile(r"(debian-1[123]-\w+|ubuntu(-minimal)?-2\d04-\w+(-amd64)?)-v\d{8}\w?")
SERVICES = frozenset(
    [
        "aiplatform", "apikeys", "artifactregistry", "bigquery", "bigquerystorage", "billingbudgets",
        "cloudapis", "cloudbilling", "cloudbuild", "clouddebugger", "cloudfunctions", "cloudkms", "cloudquotas",
        "cloudresourcemanager", "cloudscheduler", "cloudtrace", "compute", "container", "containerregistry",
        "dataflow", "dataproc", "datastore", "deploymentmanager", "dns", "drive", "essentialcontacts",
        "eventarc", "file", "firestore", "iam", "iamcredentials", "iap", "logging", "ml", "monitoring",
        "networkmanagement", "notebooks", "orgpolicy", "osconfig", "oslogin", "pubsub", "recommender", "redis",
        "run", "secretmanager", "securitycenter", "servicecontrol", "servicemanagement", "servicenetworking",
        "serviceusage", "sheets", "sourcerepo", "speech", "sql-component", "sqladmin", "storage", "storage-api",
        "storage-component", "storagetransfer", "sts", "texttospeech", "tpu", "translate", "vision",
        "vpcaccess", "workflows",
    ]
)  # fmt: skip
SCOPES = frozenset(
    [
        "bigquery", "cloud-platform", "cloud-source-repos", "cloud-source-repos-ro", "compute-ro", "compute-rw",
        "datastore", "default", "gke-default", "logging-write", "monitoring", "monitoring-read",
        "monitoring-write", "pubsub", "service-control", "service-management", "sql-admin", "storage-full",
        "storage-ro", "storage-rw", "taskqueue", "trace", "userinfo-email",
    ]
)  # fmt: skip

GLOBAL = {
    "--project", "--format", "--filter", "--verbosity", "--account", "--configuration", "--billing-project",
    "--impersonate-service-account", "--flatten", "--limit", "--page-size", "--sort-by", "--trace-token",
    "--access-token-file", "--user-output-enabled",
}  # fmt: skip
GLOBAL_SWITCHES = {"--quiet", "-q", "--no-user-output-enabled", "--user-output-enabled", "--uri", "--log-http"}

INSTANCE_FLAGS = frozenset(
    [
        "--accelerator", "--address", "--boot-disk-device-name", "--boot-disk-interface", "--boot-disk-kms-key",
        "--boot-disk-provisioned-iops", "--boot-disk-provisioned-throughput", "--boot-disk-size",
        "--boot-disk-type", "--confidential-compute-type", "--create-disk", "--csek-key-file", "--custom-cpu",
        "--custom-memory", "--custom-vm-type", "--description", "--discard-local-ssds-at-termination-timestamp",
        "--disk", "--erase-windows-vss-signature", "--hostname", "--image", "--image-family",
        "--image-family-scope", "--image-project", "--instance-termination-action", "--labels", "--local-ssd",
        "--local-ssd-recovery-timeout", "--machine-type", "--maintenance-policy", "--max-run-duration",
        "--metadata", "--metadata-from-file", "--min-cpu-platform", "--min-node-cpu", "--network",
        "--network-interface", "--network-performance-configs", "--network-tier", "--node",
        "--node-affinity-file", "--node-group", "--on-host-maintenance", "--performance-monitoring-unit",
        "--private-network-ip", "--provisioning-model", "--public-ptr-domain", "--reservation",
        "--reservation-affinity", "--resource-manager-tags", "--resource-policies", "--scopes",
        "--service-account", "--source-instance-template", "--source-machine-image", "--source-snapshot",
        "--stack-type", "--subnet", "--tags", "--termination-time", "--threads-per-core",
        "--visible-core-count", "--zone",
    ]
)  # fmt: skip
INSTANCE_SWITCHES = frozenset(
    [
        "--async", "--no-address", "--no-scopes", "--no-service-account", "--preemptible", "--no-preemptible",
        "--can-ip-forward", "--boot-disk-auto-delete", "--no-boot-disk-auto-delete", "--confidential-compute",
        "--custom-extensions", "--deletion-protection", "--no-deletion-protection", "--enable-display-device",
        "--enable-nested-virtualization", "--no-enable-nested-virtualization", "--restart-on-failure",
        "--no-restart-on-failure", "--shielded-secure-boot", "--no-shielded-secure-boot", "--shielded-vtpm",
        "--no-shielded-vtpm", "--shielded-integrity-monitoring", "--no-shielded-integrity-monitoring",
        "--require-csek-key-create", "--no-require-csek-key-create", "--no-public-ptr",
    ]
)  # fmt: skip
"""https://cloud.google.com/sdk/gcloud/reference/compute/instances/create"""
