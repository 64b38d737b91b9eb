"""Hidden suite of m21: a bucket on loopback, a build as a graph, and a training job from submission to end."""

import re
from contextlib import nullcontext
from typing import Any

import bucket as store
import numpy as np
import pytest
import yaml
from builds import Build, Step

from mlops_course.vertex import Vertex
from mlops_grade.suite import Inspector, Student, hint, probe, read_yaml

SCRIPTS = "A script takes no substitutions: hand them over by `env`, or set automapSubstitutions."
MIB = 1024 * 1024
KIB = 1024


@pytest.fixture
def bucket(inspector: Inspector) -> store.Bucket:
    return store.open_bucket(inspector)


@probe
def connect(url, name):
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import storage

    client = storage.Client(project="course", credentials=AnonymousCredentials(), client_options={"api_endpoint": url})
    return client.bucket(name)


# ------------------------------------------------------------------------------------------------- storage


@hint("blob.upload_from_filename does it, and takes a checksum to compare with what the bucket received.")
def test_upload_small_file(student: Student, bucket: store.Bucket, rng: np.random.Generator) -> None:
    """upload stores a file under the name that it is given, and raises when it arrives damaged"""
    content = rng.bytes(10_007)
    student.write("data/some file.bin", content)
    student.write("data/empty.bin", b"")
    with student.host(bucket) as url:
        remote = student.run(connect, url, store.NAME)
        storage = student.load("storage")
        sent = storage.upload(remote, "data/some file.bin", "raw/2025/march.bin")
        assert sent is True, f"upload returned {sent!r} for a file that was not in the bucket, expected True"
        sent = storage.upload(remote, "data/empty.bin", "raw/nothing.bin")
        assert sent is True, f"upload returned {sent!r} for an empty file that was not in the bucket, expected True"
    stored = bucket.get("raw/2025/march.bin")
    assert stored is not None, "there is no object raw/2025/march.bin in the bucket after the upload"
    assert stored == content, "the object does not have the file's content"
    assert bucket.get("raw/nothing.bin") == b"", "what the bucket has after the upload of an empty file"
    student.write("model.pt", rng.bytes(2_000) + b"MARK" + rng.bytes(2_000))
    bucket.damage = lambda body: body.replace(b"MARK", b"mARK")
    with student.host(bucket) as url:
        remote = student.run(connect, url, store.NAME)
        try:
            student.load("storage").upload(remote, "model.pt", "model.pt")
        except Exception:
            return
    pytest.fail("a byte changed on its way to the bucket, and upload did not notice")


@hint("The chunk_size of a blob decides how much of a large file each request carries.")
def test_upload_large_file_in_parts(student: Student, bucket: store.Bucket, rng: np.random.Generator) -> None:
    """upload sends a file over 8 MiB in parts, and repeats no more than a part when the bucket is busy"""
    content = rng.bytes(9 * MIB + 12_345)
    student.write("large.bin", content)
    parts = []

    def refuse(exchange: store.Exchange) -> int | None:
        if exchange.method == "PUT":
            parts.append(exchange.received)
            return 503 if len(parts) == 3 else None
        return None

    bucket.refuse = refuse
    student.patience = 60
    with student.host(bucket) as url:
        sent = student.load("storage").upload(student.run(connect, url, store.NAME), "large.bin", "large.bin", MIB)
    assert sent is True, f"upload returned {sent!r} for a file that was not in the bucket, expected True"
    assert bucket.get("large.bin") == content, "the object does not have the file's content"
    uploads = [exchange.received for exchange in bucket.exchanges if exchange.is_upload]
    largest = max(uploads)
    assert largest <= MIB + 4 * KIB, f"with part_size 1 MiB one request carried {largest / MIB:.1f} MiB"
    assert sum(uploads) <= len(content) + 3 * MIB, (
        f"one part was refused with a 503, and {sum(uploads) / MIB:.1f} MiB were sent for a file of 9.0 MiB"
    )


@hint("The object's checksum can be had without its content; compute the same one of the file.")
def test_upload_only_what_changed(student: Student, bucket: store.Bucket, rng: np.random.Generator) -> None:
    """upload sends nothing when the bucket has the same content already"""
    content = rng.bytes(5_003)
    student.write("model.pt", content)
    bucket.put("models/model.pt", content)
    with student.host(bucket) as url:
        remote = student.run(connect, url, store.NAME)
        storage = student.load("storage")
        sent = storage.upload(remote, "model.pt", "models/model.pt")
        assert sent is False, f"upload returned {sent!r} when the bucket had the same content already, expected False"
        moved = [exchange for exchange in bucket.exchanges if exchange.is_upload or exchange.is_media]
        assert not moved, "the content travelled over the line, although the bucket had it already"
        changed = content[:-1] + bytes([content[-1] ^ 1])  # of the same size
        student.write("model.pt", changed)
        sent = storage.upload(remote, "model.pt", "models/model.pt")
        assert sent is True, f"upload returned {sent!r} after the file had changed, expected True"
    assert bucket.get("models/model.pt") == changed, "a changed file of the same size was not uploaded"


@hint("bucket.list_blobs takes a prefix, and fetches page after page while you iterate.")
def test_list_files(student: Student, bucket: store.Bucket, rng: np.random.Generator) -> None:
    """list_files gives names and sizes below a prefix, from all pages"""
    names = ["data/test/0.bin", "data/train/0.bin", "data/train/deep/er/1.bin", "data/train.csv", "models/data/train/x"]
    names += [f"data/train/more/{number}.bin" for number in range(5)]
    sizes = {name: int(rng.integers(0, 400)) for name in names}
    for name, size in sizes.items():
        bucket.put(name, b"x" * size)
    bucket.page_size = 3
    with student.host(bucket) as url:
        remote = student.run(connect, url, store.NAME)
        storage = student.load("storage")
        for prefix in ["data/train/", "data/train", "none/"]:
            expected = {name: size for name, size in sizes.items() if name.startswith(prefix)}
            assert storage.list_files(remote, prefix) == expected, f"what list_files gives for the prefix {prefix!r}"
        assert storage.list_files(remote) == sizes, "what list_files gives without a prefix"


@hint("Ask for bytes start to end of the object again and again; the folder of the file may not exist yet.")
def test_download_in_parts(student: Student, bucket: store.Bucket, rng: np.random.Generator) -> None:
    """download fetches an object in parts of part_size; if there is none, it raises a FileNotFoundError"""
    content = rng.bytes(3 * 256 * KIB + 77)
    even = rng.bytes(2 * 256 * KIB)
    bucket.put("data/large.bin", content)
    bucket.put("data/even.bin", even)
    bucket.put("data/empty.bin", b"")
    default = rng.bytes(2 * MIB + 5)
    bucket.put("data/default.bin", default)
    student.write("here/even.bin", "an older version")
    with student.host(bucket) as url:
        remote = student.run(connect, url, store.NAME)
        storage = student.load("storage")
        for name in ["large", "even", "empty"]:
            storage.download(remote, f"data/{name}.bin", f"here/{name}.bin", 256 * KIB)
        asked = [exchange.sent for exchange in bucket.exchanges if exchange.is_media]
        storage.download(remote, "data/default.bin", "default.bin")
        with pytest.raises(FileNotFoundError):
            storage.download(remote, "data/no such object.bin", "here/none.bin")
    assert student.read("here/large.bin") == content, "the file does not have the object's content"
    assert student.read("here/even.bin") == even, "the file does not have the object's content"
    assert student.read("here/empty.bin") == b"", "the content of here/empty.bin after the download of an empty object"
    assert sorted(student.files("here/*")) == ["here/empty.bin", "here/even.bin", "here/large.bin"], (
        "the files in here/ after the downloads"
    )
    assert not student.files("here/none*"), "there was nothing to download, yet there is a file"
    largest = max(asked)
    assert largest <= 256 * KIB + 1, f"with part_size 256 KiB one request brought {largest / KIB:.0f} KiB"
    assert student.read("default.bin") == default, "the file does not have the object's content"
    by_default = [exchange.sent for exchange in bucket.exchanges if exchange.is_media and exchange.sent][len(asked) :]
    assert max(by_default) == 2 * MIB, f"by default a part has 2 MiB; here one request brought {max(by_default)} bytes"


@hint("How many bytes lie in the .part file already? Open it for appending, and ask for the rest only.")
def test_download_goes_on_after_an_interruption(
    student: Student, bucket: store.Bucket, rng: np.random.Generator
) -> None:
    """An interrupted download goes on where it stopped"""
    content = rng.bytes(5 * 256 * KIB + 1_001)
    bucket.put("large.bin", content)
    delivered = 3

    def refuse(exchange: store.Exchange) -> int | None:
        earlier = [one for one in bucket.exchanges if one.is_media and one.sent > 100]
        return 403 if exchange.is_media and len(earlier) >= delivered else None

    bucket.refuse = refuse
    student.write("large.bin", "an older version")
    with student.host(bucket) as url:
        remote = student.run(connect, url, store.NAME)
        storage = student.load("storage")
        try:
            storage.download(remote, "large.bin", "large.bin", 256 * KIB)
        except Exception:
            pass
        else:
            pytest.fail("the bucket refused the fourth part, and download did not raise")
        assert student.read("large.bin") == b"an older version", "the file was touched before its content was complete"
        assert student.files("large.bin.part"), "nothing is left of the interrupted download in large.bin.part"
        kept = len(student.read("large.bin.part"))
        assert kept == 3 * 256 * KIB, (
            f"after three parts of 256 KiB large.bin.part has {kept} bytes, expected {3 * 256 * KIB}"
        )
        bucket.exchanges.clear()
        bucket.refuse = lambda exchange: None
        storage.download(remote, "large.bin", "large.bin", 256 * KIB)
    assert student.read("large.bin") == content, "the file does not have the object's content"
    again = [exchange.first_byte for exchange in bucket.exchanges if exchange.is_media]
    assert min(again) == kept, f"{kept} bytes were there, and the second attempt began at byte {min(again)}"
    assert not student.files("large.bin.part"), "large.bin.part is still there"


@hint(
    "Compare the checksum of the whole file with the object's: parts that came earlier may belong to another version."
)
def test_download_that_arrives_damaged(student: Student, bucket: store.Bucket, rng: np.random.Generator) -> None:
    """A download whose checksum is wrong raises a ValueError and is thrown away"""
    content = rng.bytes(300 * KIB)
    bucket.put("model.pt", content)
    student.write("models/model.pt", "an older version")
    # What lies there from an earlier attempt belongs to another version of the object.
    student.write("models/model.pt.part", rng.bytes(100_000))
    with student.host(bucket) as url:
        remote = student.run(connect, url, store.NAME)
        storage = student.load("storage")
        with pytest.raises(ValueError):
            storage.download(remote, "model.pt", "models/model.pt", 256 * KIB)
        assert student.read("models/model.pt") == b"an older version", "a damaged download replaced the file"
        assert not student.files("models/model.pt.part"), (
            "the damaged .part is still there: no attempt can ever succeed"
        )
        storage.download(remote, "model.pt", "models/model.pt", 256 * KIB)
    assert student.read("models/model.pt") == content, "the attempt after the damaged one did not bring the content"


# ------------------------------------------------------------------------------------------------ the build


def build_of(student: Student, rng: np.random.Generator) -> tuple[Build, dict[str, str]]:
    """The student's build with values drawn at random: what is written out in the file cannot follow them."""
    values = {
        "PROJECT_ID": f"project-{rng.integers(10**5, 10**6)}",
        "PROJECT_NUMBER": str(rng.integers(10**10, 10**11)),
        "SHORT_SHA": f"{rng.integers(16**6, 16**7):07x}",
        "COMMIT_SHA": "".join(f"{number:x}" for number in rng.integers(0, 16, size=40)),
        "_REGION": f"region-{rng.integers(10**3, 10**4)}",
        "_REPOSITORY": f"repository-{rng.integers(10**3, 10**4)}",
    }
    try:
        return Build(student.read("cloudbuild.yaml").decode(), values), values
    except ValueError as error:
        pytest.fail(f"Cloud Build refuses this file: {error}")


def the_one(steps: list[tuple[int, Step]], what: str) -> tuple[int, Step]:
    assert len(steps) == 1, f"{len(steps)} steps {what}: there should be exactly one"
    return steps[0]


def parts_of(build: Build) -> dict[str, tuple[int, Step]]:
    steps = list(enumerate(build.steps))
    found = {}
    for image in ["train", "api"]:
        built = [(n, s) for n, s in steps if s.runs_docker("build") and f"{image}.dockerfile" in " ".join(s.words)]
        found[f"build {image}"] = the_one(built, f"build {image}.dockerfile")
        pushed = [
            (n, s) for n, s in steps if s.runs_docker("push") and f"/{image}:" in "".join(w + " " for w in s.words)
        ]
        found[f"push {image}"] = the_one(pushed, f"push an image .../{image}:TAG")
    submitted = [(n, s) for n, s in steps if any(word.endswith("submit_job.py") for word in s.words)]
    found["submit"] = the_one(submitted, "run submit_job.py")
    return found


@hint("Without waitFor a step waits for all before it; with it, only for those it names, which must stand above it.")
def test_build_order(student: Student, rng: np.random.Generator) -> None:
    """cloudbuild.yaml: the images are built side by side, each is pushed once built, the job starts once pushed"""
    build, _ = build_of(student, rng)
    parts = parts_of(build)
    for image in ["train", "api"]:
        number = parts[f"build {image}"][0]
        assert number in parts[f"push {image}"][1].after, f"{image} may be pushed before it has been built"
    assert parts["push train"][0] in parts["submit"][1].after, "the job may start before its image has been pushed"
    for one, other in [("train", "api"), ("api", "train")]:
        waits = parts[f"build {one}"][0] in parts[f"build {other}"][1].after
        assert not waits, f"building {other} waits until {one} is built: they could be built side by side"
        late = parts[f"build {other}"][0] in parts[f"push {one}"][1].after
        assert not late, f"pushing {one} waits until {other} is built"


@hint("What differs between two projects or two commits is a substitution, also in what you push; a token is a secret.")
def test_build_names(student: Student, rng: np.random.Generator) -> None:
    """cloudbuild.yaml: images bear project, region, repository and commit of this build; the token is a secret"""
    build, values = build_of(student, rng)
    parts = parts_of(build)
    base = f"{values['_REGION']}-docker.pkg.dev/{values['PROJECT_ID']}/{values['_REPOSITORY']}"
    for image in ["train", "api"]:
        expected = [f"{base}/{image}:{values['SHORT_SHA']}", f"{base}/{image}:{values['COMMIT_SHA']}"]
        tag = parts[f"build {image}"][1].option("-t", "--tag")
        with hint(SCRIPTS) if tag and "${" in tag else nullcontext():
            assert tag in expected, (
                f"the image of {image}.dockerfile is tagged {tag}; in this build it should be "
                f"REGION-docker.pkg.dev/PROJECT/REPOSITORY/{image}:COMMIT, that is {expected[0]}"
            )
        pushed = [word for word in parts[f"push {image}"][1].words if f"/{image}:" in word]
        assert pushed == [tag], f"the tag of the image {image} that is pushed, compared with the one that was built"
        if image == "train":
            submit = parts["submit"][1]
            assert submit.option("--image") == tag, "the --image that submit_job.py is given in the build"
            assert submit.option("--project") == values["PROJECT_ID"], (
                "the --project that submit_job.py is given in the build"
            )
            assert submit.option("--region") == values["_REGION"], (
                "the --region that submit_job.py is given in the build"
            )
    secret = "ACCESS_TOKEN" in parts["submit"][1].secrets
    with hint("availableSecrets names the version of a secret and a variable; a step gets it by secretEnv."):
        assert secret, "the step that submits the job does not get ACCESS_TOKEN as a secret (secretEnv)"
    version = build.secrets["ACCESS_TOKEN"]
    projects = [f"projects/{values[name]}/secrets/" for name in ("PROJECT_ID", "PROJECT_NUMBER")]  # both are its names
    assert version.startswith(tuple(projects)), (
        f"the secret is {version}, in this build it should lie below {projects[0]}"
    )
    for step in build.steps:
        written = [word for word in [*step.environment, *step.words] if re.search(r"ACCESS_TOKEN=[^$]", word)]
        assert not written, (
            f"step {step.id} has the value of ACCESS_TOKEN written out: whoever can read the file has it"
        )


# -------------------------------------------------------------------------------------------------- the job

MACHINES: dict[str, Any] = {
    "n1-small": {"cpus": 4, "memory_gb": 15, "accelerators": {"NVIDIA_TESLA_T4": [1, 2]}},
    "n1-large": {"cpus": 32, "memory_gb": 120, "accelerators": {"NVIDIA_TESLA_T4": [2, 4], "NVIDIA_TESLA_V100": [4]}},
    "e2-plain": {"cpus": 8, "memory_gb": 64, "accelerators": {}},
    "g9-bound": {"cpus": 8, "memory_gb": 32, "accelerators": {"NVIDIA_L4": [1]}, "required": True},
}


def pool(machine: str, accelerator: str | None = None, count: int | None = None) -> dict[str, Any]:
    wanted: dict[str, Any] = {"machineType": machine}
    if accelerator is not None:
        wanted |= {"acceleratorType": accelerator, "acceleratorCount": count}
    return {"machineSpec": wanted, "replicaCount": 1, "containerSpec": {"imageUri": "image"}}


def uncertain(machine: str, **accelerator: Any) -> dict[str, Any]:
    """A pool whose accelerator is only half said."""
    half_said = pool(machine)
    half_said["machineSpec"] |= accelerator
    return half_said


def check_container(container: Any) -> None:
    assert isinstance(container, dict), "the worker pool has no containerSpec"
    unknown = sorted(set(map(str, container)) - {"imageUri", "command", "args", "env"})
    assert not unknown, f"a containerSpec has no field {unknown[0]}"
    args = container.get("args", [])
    assert isinstance(args, list) and all(isinstance(arg, str) for arg in args), (
        f"args is {args!r}: Vertex AI wants a list of strings"
    )
    words = [part for arg in args for part in arg.split("=", 1)]
    assert "--epochs" in words, "args does not set --epochs"
    assert words[words.index("--epochs") + 1 :][:1] == ["20"], "what follows --epochs in args"
    env = container.get("env", [])
    assert isinstance(env, list) and all(isinstance(one, dict) and set(one) == {"name", "value"} for one in env), (
        f"env is {env!r}: Vertex AI wants a list of name and value"
    )
    assert all(isinstance(one["value"], str) for one in env), f"env is {env!r}: each value is a string"
    assert {one["name"]: one["value"] for one in env}.get("WANDB_MODE") == "offline", "the value of WANDB_MODE in env"


@hint("Compare each key with the README's example, and each value's type: what would a machine make of it?")
def test_vertex_config(student: Student, rng: np.random.Generator) -> None:
    """vertex_config.yaml asks for one machine with one T4 that runs the image"""
    image = f"region-docker.pkg.dev/project/repository/train:{rng.integers(10**6):06d}"
    spec = read_yaml(student.read("vertex_config.yaml").decode().replace("${IMAGE_URI}", image))
    assert isinstance(spec, dict) and isinstance(spec.get("workerPoolSpecs"), list), "there is no list workerPoolSpecs"
    assert len(spec["workerPoolSpecs"]) == 1, f"{len(spec['workerPoolSpecs'])} worker pools, where one is asked for"
    [workers] = spec["workerPoolSpecs"]
    assert isinstance(workers, dict), "a worker pool is a mapping"
    unknown = sorted(set(map(str, workers)) - {"machineSpec", "replicaCount", "containerSpec", "diskSpec"})
    assert not unknown, f"a worker pool has no field {unknown[0]}"
    assert workers.get("replicaCount", 1) in (1, "1"), f"replicaCount is {workers.get('replicaCount')!r}, expected 1"
    machine = workers.get("machineSpec")
    assert isinstance(machine, dict), "the worker pool has no machineSpec"
    unknown = sorted(set(map(str, machine)) - {"machineType", "acceleratorType", "acceleratorCount"})
    assert not unknown, f"a machineSpec has no field {unknown[0]}"
    assert machine.get("acceleratorType") == "NVIDIA_TESLA_T4", "the acceleratorType in machineSpec"
    assert machine.get("acceleratorCount") == 1, (
        f"the acceleratorCount in machineSpec is {machine.get('acceleratorCount')!r}, expected 1"
    )
    # machines.yaml is given: the workspace has the course's own copy.
    known = read_yaml(student.read("machines.yaml"))
    name = machine.get("machineType")
    exists = name in known
    assert exists, f"machines.yaml has no machine {name}"
    possible = 1 in known[name]["accelerators"].get("NVIDIA_TESLA_T4", [])
    assert possible, f"{name} cannot have one NVIDIA_TESLA_T4"
    assert known[name]["memory_gb"] >= 30, f"{name} has {known[name]['memory_gb']} GB of memory, less than 30"
    container = workers.get("containerSpec")
    check_container(container)
    assert "imageUri" in container, "the containerSpec has no imageUri"
    assert container["imageUri"] == image, "the imageUri after ${IMAGE_URI} was replaced"


@hint("Read the file, put the image in place of the placeholder, parse.")
def test_load_job_spec(student: Student, rng: np.random.Generator) -> None:
    """load_job_spec fills in the image and leaves the rest as it is"""
    image = f"europe-docker.pkg.dev/p/r/train:{rng.integers(10**6):06d}"
    spec = {"workerPoolSpecs": [pool("n1-small"), pool("e2-plain")], "scheduling": {"timeout": "3600s", "price": "$5"}}
    for number, one in enumerate(spec["workerPoolSpecs"]):
        one["containerSpec"] = {"imageUri": "${IMAGE_URI}", "args": ["--image", "${IMAGE_URI}", f"--rank={number}"]}
    text = yaml.safe_dump(spec)
    student.write("folder/other.yaml", text)
    got = student.load("submit_job").load_job_spec("folder/other.yaml", image)
    assert got == read_yaml(text.replace("${IMAGE_URI}", image)), (
        "what load_job_spec returns, with the image in place of each ${IMAGE_URI}"
    )


@hint("Look at every worker pool: the machine, whether it takes that accelerator, how many, and whether it needs one.")
def test_machine_problems(student: Student) -> None:
    """machine_problems finds machines and accelerators that do not exist together, and nothing else"""
    check = student.load("submit_job").machine_problems
    fine = [
        pool("n1-small", "NVIDIA_TESLA_T4", 2),
        pool("n1-small"),
        pool("n1-large", "NVIDIA_TESLA_V100", 4),
        pool("e2-plain"),
        pool("g9-bound", "NVIDIA_L4", 1),
    ]
    assert check({"workerPoolSpecs": fine}, MACHINES) == [], "problems of machines that can have their accelerators"
    wrong = {
        "a machine that is not in the table": pool("n2-unheard-of", "NVIDIA_TESLA_T4", 1),
        "such a machine without an accelerator": pool("n2-unheard-of"),
        "an accelerator that the machine cannot have": pool("n1-small", "NVIDIA_L4", 1),
        "an accelerator for a machine that takes none": pool("e2-plain", "NVIDIA_TESLA_T4", 1),
        "a count that is too small for the machine": pool("n1-large", "NVIDIA_TESLA_T4", 1),
        "a count between the permitted ones": pool("n1-large", "NVIDIA_TESLA_T4", 3),
        "a machine without the accelerator that it comes with": pool("g9-bound"),
        "a number of accelerators without a type": uncertain("n1-small", acceleratorCount=1),
        "such a number for a machine that needs accelerators": uncertain("g9-bound", acceleratorCount=1),
        "a type of accelerator without a number": uncertain("n1-small", acceleratorType="NVIDIA_TESLA_T4"),
    }
    for what, bad in wrong.items():
        for pools in [[bad], [fine[0], bad], [bad, fine[3]]]:
            problems = check({"workerPoolSpecs": pools}, MACHINES)
            assert isinstance(problems, list), "machine_problems returns a list of messages"
            assert len(problems) == 1, f"{what}: {len(problems)} problems were found, expected 1 (a message a pool)"
            machine = bad["machineSpec"]["machineType"]
            assert machine in str(problems[0]), f"{what}: the message does not name the machine {machine}"
    both = check(
        {"workerPoolSpecs": [wrong["a count between the permitted ones"], fine[0], pool("g9-bound")]}, MACHINES
    )
    assert len(both) == 2, f"2 of 3 worker pools cannot exist, and {len(both)} problems were found"


def submit(student: Student, url: str, **other: str) -> Any:
    options = {
        "--image": "europe-docker.pkg.dev/p/r/train:abc",
        "--project": "some-project",
        "--region": "europe-west4",
        "--name": "night-run",
        "--endpoint": url,
        "--poll-seconds": "0.05",
    }
    words = [word for option in options.items() for word in option]
    config = other.get("config", "job.yaml")
    return student.cli("submit_job.py", config, *words, env={"ACCESS_TOKEN": "not-a-real-token"}, timeout=12)


def job_file(machine: str, accelerator: str | None = None, count: int | None = None) -> str:
    spec = {"workerPoolSpecs": [pool(machine, accelerator, count)]}
    return yaml.safe_dump(spec).replace("imageUri: image", "imageUri: ${IMAGE_URI}")


@hint("POST once, then GET the job by the name it was given until its state says that it has ended.")
def test_submitted_job(student: Student) -> None:
    """submit_job.py submits the job, polls until it has succeeded and exits with 0"""
    text = job_file("n1-standard-8", "NVIDIA_TESLA_T4", 1)
    student.write("job.yaml", text)
    vertex = Vertex(["JOB_STATE_QUEUED", "JOB_STATE_RUNNING", 503, "JOB_STATE_RUNNING", "JOB_STATE_SUCCEEDED"])
    with student.host(vertex) as url:
        run = submit(student, url)
    assert run.exit_code == 0, f"a job that succeeds gave exit status {run.exit_code}: {run.last_words}"
    assert vertex.jobs == [
        {
            "displayName": "night-run",
            "jobSpec": read_yaml(text.replace("${IMAGE_URI}", "europe-docker.pkg.dev/p/r/train:abc")),
        }
    ], "the jobs that were posted to Vertex AI"
    posted = [path for method, path, _ in vertex.requests if method == "POST"]
    assert posted == ["/v1/projects/some-project/locations/europe-west4/customJobs"], "the paths of the POST requests"
    assert vertex.script == ["JOB_STATE_SUCCEEDED"], "it stopped asking before the job had ended"
    assert "JOB_STATE_SUCCEEDED" in run.stdout, "the state in which the job ended is not printed"
    authorisations = {authorisation for _, _, authorisation in vertex.requests}
    assert authorisations == {"Bearer not-a-real-token"}, "the Authorization headers of the requests"


@hint("Other states end a job as well; whoever runs this in a pipeline looks at the exit status.")
def test_failed_job(student: Student) -> None:
    """submit_job.py exits with an error when the job fails or is cancelled, and says why"""
    student.write("job.yaml", job_file("e2-standard-4"))
    failing = Vertex(["JOB_STATE_RUNNING", "JOB_STATE_FAILED"], message="replica 0 ran out of memory (137)")
    with student.host(failing) as url:
        run = submit(student, url)
    assert run.exit_code != 0, "the job failed, and the exit status is 0"
    assert "replica 0 ran out of memory (137)" in run.stdout + run.stderr, "the job's error message is not shown"
    with student.host(Vertex(["JOB_STATE_RUNNING", "JOB_STATE_CANCELLED"])) as url:
        run = submit(student, url)
    assert run.exit_code != 0, "the job was cancelled, and the exit status is 0"


@hint("machine_problems costs nothing: ask it before you submit.")
def test_impossible_job_is_not_submitted(student: Student) -> None:
    """submit_job.py submits nothing when the machine cannot have the accelerator"""
    student.write("job.yaml", job_file("e2-standard-4", "NVIDIA_TESLA_T4", 1))
    vertex = Vertex(["JOB_STATE_SUCCEEDED"])
    with student.host(vertex) as url:
        run = submit(student, url)
    assert run.exit_code != 0, "there is no such machine, and the exit status is 0"
    assert vertex.requests == [], "a job that cannot run was submitted"
    assert "e2-standard-4" in run.stdout + run.stderr, "the message does not name the machine"
