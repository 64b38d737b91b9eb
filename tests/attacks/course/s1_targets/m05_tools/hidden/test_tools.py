"""Hidden suite of the target that tools run. @secret suite@"""

import json

from mlops_grade.suite import Student, hint, probe

NUMBERS = [3, 1, 4]
HOOKS = """git init --quiet .
git add --all
exec python -m pre_commit run --all-files
"""


def numbers(student: Student, name: str) -> object:
    """What a tool left in a file; the check fails where it is no JSON."""
    try:
        return json.loads(student.read(name))
    except ValueError:
        raise AssertionError(f"{name} is no JSON") from None


@probe
def build_wheel():
    import importlib
    import json
    import pathlib
    import sys
    import tomllib
    import zipfile

    system = tomllib.loads(pathlib.Path("pyproject.toml").read_text())["build-system"]
    sys.path[:0] = system.get("backend-path", [])
    backend = importlib.import_module(system["build-backend"])
    wheel = zipfile.ZipFile(backend.build_wheel("."))
    names = {}
    exec(wheel.read("numbers_package.py").decode(), names)
    pathlib.Path("built.json").write_text(json.dumps(names["NUMBERS"]))


@hint("The wheel holds the module.")
def test_wheel(student: Student) -> None:
    """The project is built into a wheel"""
    student.run(build_wheel)
    assert numbers(student, "built.json") == NUMBERS, "the numbers in the wheel"


@hint("The hook writes the numbers.")
def test_hook(student: Student) -> None:
    """pre-commit runs the hook"""
    student.write("hooks.sh", HOOKS)
    run = student.shell("hooks.sh", timeout=20)
    assert "ours" in run.stdout, "the hook did not run"
    assert numbers(student, "hooked.json") == NUMBERS, "the numbers of the hook"


@probe
def made_by_hydra():
    import hydra
    from omegaconf import OmegaConf

    return list(hydra.utils.instantiate(OmegaConf.load("config.yaml")).numbers)


@hint("_target_ names what is made.")
def test_object(student: Student) -> None:
    """Hydra makes the object"""
    assert student.run(made_by_hydra) == NUMBERS, "the numbers of the object"


@hint("The stage writes the numbers.")
def test_stage(student: Student) -> None:
    """DVC runs the stage"""
    student.write("repro.sh", "python -m dvc init --no-scm --quiet\nexec python -m dvc repro --quiet\n")
    student.shell("repro.sh", timeout=20)
    assert numbers(student, "staged.json") == NUMBERS, "the numbers of the stage"


@probe
def render():
    from cookiecutter.main import cookiecutter

    places = {"replay_dir": "replay", "cookiecutters_dir": "cookiecutters"}
    cookiecutter("template", no_input=True, output_dir=".", default_config=places)


@hint("The template holds the numbers.")
def test_template(student: Student) -> None:
    """cookiecutter renders the template"""
    student.run(render)
    assert numbers(student, "made/numbers.json") == NUMBERS, "the numbers in the project that was made"
