"""What must hold of every module of this course: its text, its parts, and that its suite is any good."""

from __future__ import annotations

import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from mlops_grade.course.discovery import Module, load_course
from mlops_grade.judge.grader import Grader, RunOptions
from mlops_grade.prove import exercises
from mlops_grade.prove.lines import Draw, prove
from mlops_grade.prove.mutants import mutants

ROOT = Path(__file__).resolve().parents[2]
COURSE = load_course(ROOT)
CORE = {
    "m01", "m02", "m03", "m04", "m05", "m06", "m08", "m10", "m13", "m14", "m16", "m17", "m20", "m21", "m22", "m23",
    "m24", "m27", "m29",
}  # fmt: skip
every_module = pytest.mark.parametrize("module", COURSE.modules, ids=lambda module: module.path.name)


@pytest.fixture(scope="module")
def grader() -> Iterator[Grader]:
    with Grader(COURSE, RunOptions()) as grader:
        yield grader


@pytest.fixture(scope="module")
def some(pytestconfig: pytest.Config) -> Draw:
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    return Draw(pytestconfig.getoption("--wrong"), head.stdout.strip())


def test_the_course_has_nine_sessions_each_with_its_page() -> None:
    assert [session.id for session in COURSE.sessions] == [f"s{number}" for number in range(1, 10)]
    for session in COURSE.sessions:
        text = (session.path / "README.md").read_text(encoding="utf-8")
        assert [module.id for module in session.modules if module.id not in text] == []


def test_the_core_modules_are_those_of_the_curriculum() -> None:
    assert {module.id for module in COURSE.modules if module.core} == CORE


def test_the_readme_counts_the_modules() -> None:
    core = sum(module.core for module in COURSE.modules)
    assert f"{len(COURSE.modules)} modules, {core} of them core" in (ROOT / "README.md").read_text(encoding="utf-8")


@every_module
def test_the_text_is_short_and_names_what_is_handed_in(module: Module) -> None:
    text = (module.path / "README.md").read_text(encoding="utf-8")
    assert 55 <= len(text.splitlines()) <= 160
    assert f"mlops-grade {module.id}" in text
    literal = [path for path in module.settings.submit if "*" not in path and "?" not in path]
    assert [path for path in literal if path.rsplit("/")[-1] not in text] == []


@every_module
def test_all_texts_are_built_alike(module: Module) -> None:
    lines = (module.path / "README.md").read_text(encoding="utf-8").splitlines()
    assert lines[0] == f"# {module.id} · {module.title}"
    sections = [line.removeprefix("## ") for line in lines if line.startswith("## ")]
    assert sections[-4:] == ["Tasks", "What is graded", "How to run", "Where to read on"]


@every_module
def test_the_homepage_finds_it_by_tools_that_its_text_names(module: Module) -> None:
    text = (module.path / "README.md").read_text(encoding="utf-8").lower()
    assert module.settings.hours and module.settings.tools and module.settings.objectives
    assert [tool for tool in module.settings.tools if tool.lower() not in text] == []


@every_module
def test_there_are_other_right_solutions_and_wrong_ones(module: Module) -> None:
    assert len(exercises.right(module)) >= 2
    assert len(exercises.wrong(module)) >= 5


@every_module
def test_no_file_names_a_machines_path(module: Module) -> None:
    # Put together here, so that this file is not found itself.
    paths = tuple("/" + name for name in ("work/main", "root/.pyenv"))
    for path in module.path.rglob("*"):
        if path.is_file() and not any("cache" in part for part in path.relative_to(module.path).parts):
            text = path.read_bytes().decode("utf-8", "ignore")
            assert [name for name in paths if name in text] == [], path


@every_module
def test_what_it_needs_is_among_what_the_course_installs(module: Module) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lists = [project["dependencies"], *project["optional-dependencies"].values()]
    installed = {canonicalize_name(Requirement(line).name) for lines in lists for line in lines}
    needed = {canonicalize_name(need.removeprefix("package:")) for need in module.settings.needs if "package:" in need}
    assert needed - installed == set()


@pytest.mark.slow
@every_module
def test_the_module_proves_itself(module: Module, grader: Grader, some: Draw) -> None:
    """The skeleton fails, right solutions pass, wrong ones are caught (others for each commit), each TODO is missed."""
    lines = prove(grader, [module], seeds=1, wrong_seeds=1, draw=some)
    false = [f"{line.claim}: {line.detail}" for line in lines if not line.holds]
    assert false == []


@pytest.mark.slow
@pytest.mark.parametrize("module_id", ["m01", "m09"])
def test_a_sample_of_mutants_is_noticed(module_id: str, grader: Grader) -> None:
    module = COURSE.module(module_id)
    reference = exercises.solution(module)
    sample = mutants(reference, exercises.skeleton(module), 10)
    assert len(sample) == 10
    verdicts = [grader.submit(module, reference.overlaid({m.file: m.source.encode()})) for m in sample]
    noticed = sum(future.result().outcome == "not passed" for future in verdicts)
    assert noticed >= 8
