"""Every module of the course in a fresh release: the reference solution passes there, beside the sealed suite."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from mlops_grade.course.discovery import Course, find_root, load_course
from mlops_grade.course.submission import from_checkout
from mlops_grade.judge.grader import Grader, RunOptions, grade
from mlops_grade.prove.exercises import write_solutions
from mlops_grade.release.command import release
from mlops_grade.verdict import ModuleVerdict, Outcome

pytestmark = pytest.mark.slow
COURSE = load_course(find_root(Path(__file__).parent))


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """What students would get of the course as it lies here."""
    out = tmp_path_factory.mktemp("students") / "course"
    release(COURSE, out, Console(file=io.StringIO()), run_checks=False, allow_changes=True)
    return load_course(out)


@pytest.fixture(scope="module")
def verdicts(released: Course, tmp_path_factory: pytest.TempPathFactory) -> dict[str, ModuleVerdict]:
    """The verdict on each module's reference solution, handed in beside the release and graded by it, in parallel."""
    solved = tmp_path_factory.mktemp("solved") / "checkout"
    write_solutions(COURSE.modules, solved)
    # Whether they pass is the question here, not how fast: on a busy machine a suite's own time may be too short.
    with Grader(released, RunOptions(timeout=600)) as grader:
        report = grade(grader, released.modules, lambda module: from_checkout(solved, module))
    return {verdict.module: verdict for verdict in report.verdicts}


def test_a_release_has_every_module_and_no_open_suite(released: Course) -> None:
    assert [module.id for module in released.modules] == [module.id for module in COURSE.modules]
    assert not list(released.root.rglob("hidden"))


@pytest.mark.parametrize("module", [module.id for module in COURSE.modules])
def test_the_reference_solution_passes_in_a_release(verdicts: dict[str, ModuleVerdict], module: str) -> None:
    verdict = verdicts[module]
    if verdict.outcome is Outcome.NOT_RUN:
        pytest.skip(verdict.reason)
    failed = [f"{check.name}: {check.message}" for check in verdict.checks if check.outcome is not Outcome.PASSED]
    assert (verdict.outcome, verdict.reason, failed) == (Outcome.PASSED, "", [])
