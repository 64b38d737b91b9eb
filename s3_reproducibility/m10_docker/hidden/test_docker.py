"""Hidden suite of m10: two Dockerfiles linted, replayed on a tree of files, and what they would start, started."""

import io
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlops_course.digits import load_digits
from mlops_course.docker import (
    LAUNCHER,
    Build,
    DockerfileError,
    Image,
    Instruction,
    build,
    context,
    ignored,
    launch,
    parse,
    unpack,
)
from mlops_grade.suite import Inspector, Student, hint, probe

NAMES = ("train.dockerfile", "evaluate.dockerfile")
both = pytest.mark.parametrize("name", NAMES, ids=["train", "evaluate"])
FAKE_KEY = "not-a-real-key-" + "0" * 12
CLUTTER = {
    ".env": f"WANDB_API_KEY={FAKE_KEY}\n",
    ".env.local": f"WANDB_API_KEY={FAKE_KEY}-local\n",
    ".git/HEAD": "ref: refs/heads/main\n",
    ".git/objects/0a/1b2c": "blob",
    ".venv/bin/python": "",
    ".venv/lib/python3.12/site-packages/numpy/__init__.py": "",
    "data/digits_train.npz": "large",
    "data/raw/2025/scan_0001.png": "large",
    "models/model.npz": "large",
    "models/old/model.npz": "large",
    "wandb/run-20250101/files/output.log": "log",
    "src/digits_classifier/__pycache__/train.cpython-312.pyc": "code",
    "__pycache__/make_data.cpython-312.pyc": "code",
}
SECRET_WORDS = {"KEY", "TOKEN", "SECRET", "PASSWORD", "CREDENTIAL", "CREDENTIALS"}


@pytest.fixture
def project(hidden: Path) -> dict[str, bytes]:
    """The given project as it lies in a working folder: its files, and what piles up beside them."""
    given = ["pyproject.toml", "requirements.txt", "make_data.py"]
    given += [path.relative_to(hidden.parent).as_posix() for path in (hidden.parent / "src").rglob("*.py")]
    files = {name: (hidden.parent / name).read_bytes() for name in given}
    return files | {name: content.encode() for name, content in CLUTTER.items()}


MOST_BYTES = 32 << 10  # many times what anybody writes; all that is done with the text takes its time


def text(student: Student, name: str) -> str:
    data = student.read(name)
    assert len(data) <= MOST_BYTES, f"{name} has {len(data):,} bytes; more than {MOST_BYTES:,} are not read"
    return data.decode(errors="replace")


def instructions(student: Student, name: str) -> list[Instruction]:
    try:
        return parse(text(student, name))
    except DockerfileError as error:
        pytest.fail(f"{name} is no Dockerfile: {error}")


def built(student: Student, name: str, files: dict[str, bytes]) -> Build:
    """What the student's Dockerfile builds from these files and the student's .dockerignore."""
    try:
        return build(text(student, name), context(files, text(student, ".dockerignore")))
    except DockerfileError as error:
        pytest.fail(f"{name} does not build: {error}")


def started(student: Student, image: Image, *arguments: str, environment: dict[str, str] | None = None) -> Any:
    """Start what `docker run image arguments…` would start, on the image's files."""
    try:
        start = launch(image, *arguments, environment=environment)
    except DockerfileError as error:
        pytest.fail(str(error))
    for path, content in unpack(image).items():
        student.write(path, content)
    return student.shell(LAUNCHER, *start.arguments, env=start.environment)


def mount(student: Student, path: str, arrays: dict[str, Any]) -> None:
    """Put an .npz file where `docker run --volume` would show it to the program."""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    student.write(f"image/app/{path}", buffer.getvalue())


def mount_digits(student: Student, rng: np.random.Generator, split: str, count: int) -> tuple[np.ndarray, np.ndarray]:
    images, labels = load_digits()
    rows = rng.choice(len(labels), count, replace=False)
    mount(student, f"data/digits_{split}.npz", {"images": images[rows], "labels": labels[rows]})
    return images[rows].reshape(count, -1), labels[rows]


@probe
def arrays_in(archive):
    """The arrays of an .npz file, by name."""
    import io

    import numpy

    with numpy.load(io.BytesIO(archive), allow_pickle=False) as arrays:
        return {key: arrays[key] for key in arrays.files}


def saved_model(student: Student, inspector: Inspector) -> dict[str, np.ndarray]:
    name = "image/app/models/model.npz"
    assert name in student.files("image/app/models/*"), "the program left no models/model.npz in /app"
    return dict(inspector.run(arrays_in, student.read(name)))


def check_exit(run: Any, command: str) -> None:
    last = (run.stderr.strip() or run.stdout.strip()).splitlines()[-6:]
    assert run.exit_code == 0, "\n".join([f"{command} ended with status {run.exit_code}:", *last])


@hint("Run `hadolint --ignore DL3008 train.dockerfile` yourself: each code (DL…) has a page in hadolint's wiki.")
@both
def test_hadolint_has_no_complaints(student: Student, inspector: Inspector, name: str) -> None:
    """hadolint finds no warning and no error"""
    with hint("Begin with FROM: which image does yours start from?"):
        assert instructions(student, name), f"{name} holds no instruction yet: there is nothing to lint"
    options = ("--format", "json", "--no-fail", "--disable-ignore-pragma", "--ignore", "DL3008")
    run = inspector.cli("hadolint", *options, name)
    assert run.exit_code == 0, f"hadolint could not read {name}: {run.stderr}"
    complaints = [
        f"line {found['line']}: {found['message']} ({found['code']})"
        for found in json.loads(run.stdout)
        if found["level"] in ("error", "warning")
    ]
    assert not complaints, f"{name}: " + "; ".join(complaints)


@hint("`python:3.12-slim` names a minor version and leaves out compilers; `python`, `python:3` and `:latest` do not.")
@both
def test_base_is_slim_and_pinned(student: Student, name: str, project: dict[str, bytes]) -> None:
    """The image starts from an official, slim Python of at least 3.11, its minor version named"""
    base = built(student, name, project).final.base
    mirrors = r"((registry\.hub\.|index\.)?docker\.io/|public\.ecr\.aws/docker/|mirror\.gcr\.io/)?"
    form = mirrors + r"(library/)?python:3\.(\d+)(\.\d+)?-slim(-\w+)?(@sha256:[0-9a-f]{64})?"
    match = re.fullmatch(form, base)
    assert match, f"{name} is built on {base!r}, which is no slim Python with its minor version in the tag"
    assert int(match[4]) >= 11, f"{name} is built on Python 3.{match[4]}, the project needs 3.11 or later"


@hint("Patterns count from the folder of .dockerignore; `**/` reaches every folder below. Mind what `data*` matches.")
def test_context_is_small(student: Student, project: dict[str, bytes]) -> None:
    """.dockerignore keeps clutter, data and secrets from the builder, and nothing that it needs"""
    rules = text(student, ".dockerignore")
    sent = sorted(name for name in CLUTTER if not ignored(name, rules))
    assert not sent, f"the builder still gets {', '.join(sent)}"
    needed = [name for name in project if name not in CLUTTER and name != "make_data.py"]
    missing = sorted(name for name in needed if ignored(name, rules))
    assert not missing, f"the builder does not get {', '.join(missing)}"
    later = "src/digits_classifier/data_loading/models.py"
    assert not ignored(later, rules), f"a file added tomorrow, {later}, would not reach the builder"


@hint("What is in a layer stays there, even if a later one deletes it. Secrets come in when the container starts.")
@both
def test_no_secret_in_any_layer(student: Student, name: str, project: dict[str, bytes]) -> None:
    """No key is in a layer: not by ENV or ARG, not as a file"""
    whole = built(student, name, project)
    for layer in whole.layers:
        for path, content in layer.created.items():
            secret = "/.env" in path or FAKE_KEY.encode() in content
            assert not secret, f"{name}: the layer of line {layer.instruction.line} holds {path}, with a key in it"
    for stage in whole.stages:
        for variable in [*stage.environment, *stage.arguments]:
            secret = bool(SECRET_WORDS & set(variable.upper().split("_")))
            assert not secret, f"{name}: {variable}, set while the image is built, stays readable in its history"


@hint("A layer is built again when something above it has changed. Copy and install what changes rarely first.")
@both
def test_code_changes_do_not_reinstall_dependencies(student: Student, name: str, project: dict[str, bytes]) -> None:
    """After a change of the code the layer with the dependencies comes from the cache; new requirements rebuild it"""
    first = dependency_layers(built(student, name, project), name)
    code = "src/digits_classifier/model.py"
    edited = project | {code: project[code] + b"\n# a better comment\n"}
    cached = dependency_layers(built(student, name, edited), name) == first
    assert cached, f"{name}: a change in {code} makes the builder install numpy and typer again"
    other = project | {"requirements.txt": project["requirements.txt"].replace(b"numpy==2.3.5", b"numpy==2.3.6")}
    rebuilt = dependency_layers(built(student, name, other), name) != first
    assert rebuilt, f"{name}: another numpy in requirements.txt does not rebuild the layer that installs it"


def dependency_layers(whole: Build, name: str) -> list[str]:
    """The cache keys of the layers in which pip installed numpy."""
    keys = [
        layer.key
        for layer in whole.layers
        if layer.instruction.keyword == "RUN"
        and any(path.endswith("/numpy.dist-info/METADATA") for path in layer.created)
    ]
    assert keys, f"{name}: no RUN installs the requirements (numpy is one)"
    return keys


@hint("`docker run` knows only the last stage, and `python` there is the first one on PATH: what is installed for it?")
@both
def test_requirements_are_installed(student: Student, name: str, project: dict[str, bytes]) -> None:
    """Everything in requirements.txt is installed for the Python that starts, this week's additions too"""
    more = project | {"requirements.txt": project["requirements.txt"] + b"structlog==25.4.0\n"}
    image = built(student, name, more).final
    program = importing_program(name, image)
    found = image.distributions(program)
    missing = sorted({"numpy", "typer", "structlog"} - found)
    assert not missing, f"{name}: {program} would not find {', '.join(missing)}"


def importing_program(name: str, image: Image) -> str:
    """The program whose packages count: Python, or a program that a package has brought along."""
    try:
        return launch(image).python
    except DockerfileError as error:
        pytest.fail(f"{name}: {error}")


@hint("Python keeps output back when nobody sits at a terminal: `-u`, or PYTHONUNBUFFERED in the environment.")
@both
def test_output_is_not_held_back(student: Student, name: str, project: dict[str, bytes]) -> None:
    """Output appears in `docker logs` at once"""
    package = "src/digits_classifier/data.py"
    tell = b"\n\nimport sys\n\nprint('held back:', not sys.stdout.write_through, flush=True)\n"
    image = built(student, name, project | {package: project[package] + tell}).final
    run = started(student, image, "--help")
    with hint("Is the code in the image, and is its package importable?"):
        assert "held back:" in run.stdout, f"{name}: the program does not come to its first line: {run.last_words}"
    assert "held back: True" not in run.stdout, f"{name} starts a Python whose output waits in a buffer"


@hint("Is the code in the image, is its package importable, and is /app the folder that it is started in?")
def test_training_starts(
    student: Student, inspector: Inspector, project: dict[str, bytes], rng: np.random.Generator
) -> None:
    """`docker run train` reads /app/data and writes /app/models/model.npz"""
    image = built(student, "train.dockerfile", project).final
    mount_digits(student, rng, "train", 120)
    run = started(student, image)
    check_exit(run, "docker run train")
    assert saved_model(student, inspector)["weights"].shape == (784, 10), "the shape of the weights in models/model.npz"
    assert "tracking is off" in run.stdout, "without WANDB_API_KEY from `docker run` the program still found one"


@hint("Only the exec form, a JSON list, takes what stands behind the image's name. CMD is replaced by it.")
def test_training_takes_arguments(
    student: Student, inspector: Inspector, project: dict[str, bytes], rng: np.random.Generator
) -> None:
    """`docker run train --epochs 3 --lr …` reaches the program, and so does its environment"""
    image = built(student, "train.dockerfile", project).final
    mount_digits(student, rng, "train", 50)
    rate = float(rng.integers(1, 64)) / 1024
    environment = {"WANDB_API_KEY": FAKE_KEY}
    run = started(student, image, "--epochs", "3", "--lr", str(rate), environment=environment)
    check_exit(run, f"docker run train --epochs 3 --lr {rate}")
    model = saved_model(student, inspector)
    assert int(model["epochs"]) == 3, f"--epochs 3 trained for {model['epochs']} epochs"
    assert float(model["lr"]) == rate, f"--lr {rate} trained with {model['lr']}"
    assert "tracking is on" in run.stdout, "WANDB_API_KEY from `docker run` does not reach the program"


@hint("The evaluation has a Dockerfile of its own: which program does it start, and with which default model?")
def test_evaluation_starts_and_takes_arguments(
    student: Student, project: dict[str, bytes], rng: np.random.Generator
) -> None:
    """`docker run evaluate` and `docker run evaluate models/other.npz` print the models' accuracies"""
    image = built(student, "evaluate.dockerfile", project).final
    pixels, labels = mount_digits(student, rng, "test", 33)
    for arguments, path in (((), "models/model.npz"), (("models/other.npz",), "models/other.npz")):
        weights = rng.normal(size=(784, 10))
        mount(student, path, {"weights": weights})
        run = started(student, image, *arguments)
        command = " ".join(["docker run evaluate", *arguments])
        check_exit(run, command)
        accuracy = float(((pixels @ weights).argmax(axis=1) == labels).mean())
        found = re.findall(r"Test accuracy: ([\d.]+)", run.stdout)
        assert found == [f"{accuracy:.4f}"], f"{command} printed accuracies {found}, expected {accuracy:.4f}"
