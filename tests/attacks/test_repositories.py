"""Every hostile repository, collected and graded beside an honest one: what is Alice's stays hers, and nothing is run.

No student code runs when repositories are collected and read, so the isolation tiers do not come into it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

import small_course
from hostile_repositories import COHORT, DEADLINE, EARLY, REPOSITORIES, WRONG, HostileRepository, Scene, git, hand_in
from mlops_grade.batch.cohort import Cohort
from mlops_grade.batch.gradebook.book import Gradebook, State
from mlops_grade.batch.run import FORKS, Batch, BatchOptions
from mlops_grade.batch.schedule import LocalPool
from mlops_grade.batch.settings import CohortSettings
from mlops_grade.batch.store import Store
from mlops_grade.batch.student import Student
from mlops_grade.course.discovery import Course, Module
from mlops_grade.course.submission import Submission
from mlops_grade.verdict import Check, ModuleVerdict, Outcome, module_outcome

ALICES_MARK = "# alice-secret-notes"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return small_course.make(tmp_path_factory.mktemp("course"))


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """Alice's right work and Bob's wrong work, both handed in before the deadline."""
    bob, alice, trap, mark = (tmp_path / name for name in ("bob", "alice", "trap.sh", "the trap was run"))
    for place in (bob, alice):
        place.mkdir()
        git(place, "init", "-q", "-b", "main")
    mine = {**small_course.RIGHT, "program.py": f"{small_course.PROGRAM}\n{ALICES_MARK}\n"}
    hand_in(alice, mine, EARLY)
    hand_in(bob, {**small_course.RIGHT, "numbers_module.py": WRONG}, EARLY)
    trap.write_text(f'#!/bin/sh\ntouch "{mark}"\nexit 1\n')
    trap.chmod(0o755)
    yield Scene(bob, alice, trap, mark)
    assert not mark.exists(), "a program of Bob's was run"


def judge(module: Module, submission: Submission) -> ModuleVerdict:
    """Passed are the right files, and what is said tells all of them."""
    right = b"return 2 * number" in submission.files.get("numbers_module.py", b"") and not submission.problems
    told = b"\n".join(submission.files.values()).decode("utf-8", "replace")
    outcome = Outcome.PASSED if right else Outcome.NOT_PASSED
    checks = (Check(name="test_files", title="The files", outcome=outcome, message=f"{submission.problems}\n{told}"),)
    return ModuleVerdict(
        module=module.id, session=module.session, title=module.title, core=True, checks=checks,
        outcome=module_outcome(checks),
    )  # fmt: skip


def graded(course: Course, scene: Scene, store: Store, before: datetime | None) -> Gradebook:
    """The gradebook after one batch over Alice and Bob; Alice is collected first, so that her objects are there."""
    students = (Student("alice", str(scene.alice)), Student("bob", str(scene.bob)))
    cohort = Cohort(COHORT, scene.bob.parent, students, CohortSettings(fetch_timeout=30, max_fork_mib=64))
    options = BatchOptions(course.modules, environment="test", before=before)
    Batch(course, cohort, store, options).run(LocalPool(judge, 2))
    return Gradebook(cohort, course.modules, store)


@pytest.mark.parametrize("before", [None, datetime.fromtimestamp(DEADLINE, UTC)], ids=["now", "deadline"])
@pytest.mark.parametrize("hostile", REPOSITORIES, ids=lambda hostile: hostile.name)
def test_a_hostile_repository(
    course: Course, scene: Scene, tmp_path: Path, hostile: HostileRepository, before: datetime | None
) -> None:
    hostile.build(scene)
    with Store(tmp_path / "state" / "verdicts.sqlite") as store:
        alice, bob = graded(course, scene, store, before).rows
        assert alice.cells["m01"].state is State.PASSED
        if bob.cells["m01"].unit is None:
            assert bob.reason, "a repository that is not graded is told with the reason"
        else:
            late_work_is_asked_for = hostile.right_but_late and before is None
            assert bob.cells["m01"].state is (State.PASSED if late_work_is_asked_for else State.NOT_PASSED)
            verdict = store.standing(bob.cells["m01"].unit.unit).verdict
            assert verdict is not None
            assert ALICES_MARK not in verdict.model_dump_json(), "Alice's files were read as Bob's"
        kept = git(tmp_path / "state" / FORKS, "for-each-ref", "--format=%(objectname)", "refs/graded").split()
        collected = [row.fork.commit for row in (alice, bob) if row.fork and row.fork.commit]
        assert sorted(set(collected)) == sorted(kept), "what is graded is kept"
        again = graded(course, scene, store, before)
        assert [row.result for row in again.rows] == [alice.result, bob.result]


def test_no_two_hostile_repositories_bear_the_same_name() -> None:
    assert len({hostile.name for hostile in REPOSITORIES}) == len(REPOSITORIES)
