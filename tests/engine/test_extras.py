"""What a session needs and is not installed: named, with the one command that installs it."""

from __future__ import annotations

import shlex
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import small_course
from mlops_grade.commands.grade import what_installs_the_rest
from mlops_grade.course import extras
from mlops_grade.course.discovery import Module, load_course
from mlops_grade.course.extras import as_typed, installing, installing_here
from mlops_grade.judge.run import missing_extras, missing_needs

ROOT = Path(__file__).resolve().parents[2]
COURSE = load_course(ROOT)


def needing(tmp_path: Path, *needs: str) -> Module:
    settings = f"{small_course.SETTINGS}\nneeds = {list(needs)}\n"
    return small_course.make(tmp_path / "-".join(needs).replace(":", "_"), settings=settings).modules[0]


@pytest.fixture
def distribution(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The course asks for two packages by extras; neither they nor the base one are there."""
    lines = ["abacus>=1", "sextant>=2; extra == 'sea'", "astrolabe-bin; extra == 'sky'", "sextant; extra == 'all'"]
    monkeypatch.setattr(metadata, "requires", lambda name: lines)
    extras._extras.cache_clear()
    monkeypatch.setattr(extras, "_DISTRIBUTIONS", {"astrolabe": "astrolabe-bin"})
    yield
    extras._extras.cache_clear()


@pytest.mark.usefixtures("distribution")
def test_several_modules_are_told_one_command(tmp_path: Path) -> None:
    sea, sky = needing(tmp_path, "package:sextant"), needing(tmp_path, "command:astrolabe", "package:sextant")
    assert missing_extras([sea, sky, sea]) == ["sea", "sky"]
    said = what_installs_the_rest((sea, sky))
    assert said.count("pip install") == 1
    assert "[sea,sky]" in said


@pytest.mark.usefixtures("distribution")
def test_a_module_says_what_it_lacks_and_what_installs_it(tmp_path: Path) -> None:
    said = missing_needs(needing(tmp_path, "command:astrolabe", "package:sextant"))
    assert said == (
        "needs the command astrolabe and the package sextant (pip install -c constraints.txt -e '.[sky,sea]')"
    )


@pytest.mark.usefixtures("distribution")
def test_what_no_extra_has_is_named_without_a_command(tmp_path: Path) -> None:
    module = needing(tmp_path, "command:quadrant-of-brass")
    assert missing_needs(module) == "needs the command quadrant-of-brass"
    assert what_installs_the_rest((module,)) == ""


def test_nothing_is_said_where_nothing_is_missing(tmp_path: Path) -> None:
    assert what_installs_the_rest((needing(tmp_path, "package:pytest"),)) == ""


@pytest.mark.parametrize("chosen", [(), ("",), ("cloud",), ("cloud", "serving", "cloud")])
def test_the_command_is_one_that_a_shell_takes(chosen: tuple[str, ...]) -> None:
    *_, what = shlex.split(installing(*chosen))
    requirement = Requirement(what.replace(".", "course", 1))
    assert requirement.extras == {extra for extra in chosen if extra}


def test_an_environment_of_uv_is_filled_by_uv(tmp_path: Path) -> None:
    (tmp_path / "pyvenv.cfg").write_text("home = /usr/bin\nuv = 0.13.9\n")
    words = installing_here(["cloud"], tmp_path)
    assert words[:3] == ["uv", "pip", "install"]
    assert str(tmp_path / "bin" / "python") in words, "into this environment, not into whatever uv finds"


def test_any_other_by_its_own_pip(tmp_path: Path) -> None:
    (tmp_path / "pyvenv.cfg").write_text("home = /usr/bin\n")
    assert installing_here(["cloud"], tmp_path)[:4] == [str(tmp_path / "bin" / "python"), "-m", "pip", "install"]


def test_the_command_names_the_checkout_and_the_tested_versions() -> None:
    words = installing_here(["cloud", "serving"])
    assert words[-4:] == ["-c", str(ROOT / "constraints.txt"), "-e", f"{ROOT}[cloud,serving]"]


def test_in_the_checkout_it_is_short(tmp_path: Path) -> None:
    words = [f"{tmp_path}/.venv/bin/python", "-c", f"{tmp_path}/constraints.txt", "-e", f"{tmp_path}[cloud]"]
    assert as_typed(words, tmp_path) == ".venv/bin/python -c constraints.txt -e '.[cloud]'"
    assert shlex.split(as_typed(words, tmp_path / "elsewhere")) == words


def asked_for() -> dict[str, str]:
    """Distribution to extra, as pyproject.toml has them; an empty text for what every installation has."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    listed = [("", line) for line in project["dependencies"]]
    listed += [(extra, line) for extra, lines in project["optional-dependencies"].items() for line in lines]
    return {Requirement(line).name.lower(): extra for extra, line in reversed(listed) if extra != "all"}


@pytest.mark.parametrize("module", COURSE.modules, ids=str)
def test_every_package_that_a_module_needs_is_installed_by_something(module: Module) -> None:
    for need in module.settings.needs:
        kind, _, name = need.partition(":")
        if kind == "package" or name in extras._DISTRIBUTIONS:
            distribution = extras._DISTRIBUTIONS.get(name, name.replace("_", "-")).lower()
            assert distribution in asked_for(), f"{module.id} needs {name}, which nothing installs"


def test_a_sealed_suite_opens_with_what_every_installation_has() -> None:
    assert asked_for()["cryptography"] == "", "students' suites are sealed: an extra would leave them shut"


def test_all_is_all() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (everything,) = project["optional-dependencies"].pop("all")
    assert Requirement(everything).extras == set(project["optional-dependencies"])
