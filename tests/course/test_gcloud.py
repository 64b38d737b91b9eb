"""The stand-in for gcloud: what the reference of the real one promises."""

from __future__ import annotations

import json

import pytest

from mlops_course.gcloud import Cloud, Project

ROLES = {"roles/a": ["x.get"], "roles/b": ["x.set"]}
CREATE = "compute instances create vm --machine-type=e2-standard-4"


@pytest.fixture
def cloud() -> Cloud:
    project = Project(services={"iam.googleapis.com", "compute.googleapis.com"})
    return Cloud({"mine": project, "other": Project()}, ROLES, default_project="mine")


def said(cloud: Cloud, line: str, **environment: str) -> str:
    """What a command prints; it has to succeed."""
    settings = {name.replace("__", "/"): value for name, value in environment.items()}
    status, out, err = cloud.gcloud(tuple(line.split(" ")), settings)
    assert status == 0, err
    return out


def refused(cloud: Cloud, line: str) -> str:
    status, _, err = cloud.gcloud(tuple(line.split(" ")))
    assert status != 0
    return err


def test_properties_stand_in_for_flags(cloud: Cloud) -> None:
    assert "Specify the [--zone] flag" in refused(cloud, CREATE)
    said(cloud, "config set compute/zone europe-west1-c")
    said(cloud, CREATE)
    assert said(cloud, "config get-value compute/zone") == "europe-west1-c"
    assert list(cloud.projects["mine"].instances) == [("europe-west1-c", "vm")]


def test_environment_goes_before_the_configuration_and_flags_before_both(cloud: Cloud) -> None:
    said(cloud, "services enable run.googleapis.com", core__project="other")
    said(cloud, "services enable dns.googleapis.com --project=mine", core__project="other")
    assert "run.googleapis.com" in cloud.projects["other"].services
    assert "dns.googleapis.com" in cloud.projects["mine"].services


def test_setting_the_project_changes_the_default(cloud: Cloud) -> None:
    said(cloud, "config set project other")
    assert said(cloud, "services list --format=value(config.name)") == "iam.googleapis.com"


@pytest.mark.parametrize("name", ["cloudresourcemanager", "iam", "secretmanager", "compute", "serviceusage"])
def test_services_that_there_are(cloud: Cloud, name: str) -> None:
    said(cloud, f"services enable {name}.googleapis.com")


@pytest.mark.parametrize("name", ["compute", "computes.googleapis.com", "compute.google.com"])
def test_services_that_there_are_not(cloud: Cloud, name: str) -> None:
    assert "not found" in refused(cloud, f"services enable {name}")


@pytest.mark.parametrize(
    "flags",
    [
        "--image-family=debian-13 --image-project=debian-cloud",
        "--image=debian-12-bookworm-v20250910 --image-project=debian-cloud",
        "--scopes=logging-write,cloud-platform --tags=a,b --boot-disk-size=20GB --shielded-vtpm",
        "--network-interface=network=default,no-address",
    ],
)
def test_instances_that_can_be_made(cloud: Cloud, flags: str) -> None:
    said(cloud, f"beta {CREATE} --zone=europe-west1-c {flags}")


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ("--image-family=debian-12", "projects/mine/global/images/family/debian-12' was not found"),
        ("--accelerator=type=nvidia-tesla-t4,count=1", "not compatible"),
        ("--public-address=none", "unrecognized arguments: --public-address"),
        ("--scopes=everything", "Invalid value"),
    ],
)
def test_instances_that_cannot_be_made(cloud: Cloud, flags: str, message: str) -> None:
    assert message in refused(cloud, f"{CREATE} --zone=europe-west1-c {flags}")


@pytest.mark.parametrize("flag", ["--no-address", "--network-interface=no-address"])
def test_no_public_address_in_either_spelling(cloud: Cloud, flag: str) -> None:
    said(cloud, f"{CREATE} --zone=europe-west1-c {flag}")
    [instance] = cloud.projects["mine"].instances.values()
    assert instance["externalAddress"] is False


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("name=one", ["one"]),
        ("name:ONE", ["one"]),
        ("name~^t", ["two"]),
        ("name!=one", ["two"]),
        ("NOT name=one", ["two"]),
        ("name=(one two) AND zone:europe-west1-b", ["one"]),
        ("name=one zone=europe-west1-b", ["one"]),
        ("name=one OR name=two", ["one", "two"]),
    ],
)
def test_filters(cloud: Cloud, expression: str, expected: list[str]) -> None:
    said(cloud, "compute instances create one --zone=europe-west1-b")
    said(cloud, "compute instances create two --zone=europe-west1-c")
    status, out, err = cloud.gcloud(
        ("compute", "instances", "list", "--filter", expression, "--format", "value(name)"), {}
    )
    assert (status, err) == (0, "")
    assert out.split() == expected


def test_policies_can_be_flattened(cloud: Cloud) -> None:
    said(cloud, "projects add-iam-policy-binding mine --member=user:a@b.c --role=roles/a")
    out = said(
        cloud,
        "projects get-iam-policy mine --flatten=bindings[].members --filter=bindings.members=user:a@b.c "
        "--format=value(bindings.role)",
    )
    assert out == "roles/a"


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("value(name,zone.basename())", "vm\teurope-west1-b"),
        ("csv[no-heading](name,zone)", "vm,europe-west1-b"),
        ("csv(name)", "name\nvm"),
        ("value[separator=|](name,zone)", "vm|europe-west1-b"),
        ("none", ""),
    ],
)
def test_formats(cloud: Cloud, style: str, expected: str) -> None:
    said(cloud, f"{CREATE} --zone=europe-west1-b")
    assert said(cloud, f"compute instances list --format={style}") == expected
    assert json.loads(said(cloud, "compute instances list --format=json"))[0]["name"] == "vm"
