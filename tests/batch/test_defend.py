"""Defending a verdict: everything it rests on, and the same files graded again."""

from __future__ import annotations

from pathlib import Path

import pytest

from builders import DAY, MONDAY, RIGHT, WRONG, cohort_of, git, judge, make_fork, run_batch, verdict_on, write
from mlops_grade.batch import defend
from mlops_grade.batch.cohort import Cohort
from mlops_grade.batch.defend import Explained
from mlops_grade.batch.gradebook import Gradebook, State
from mlops_grade.batch.store import Store
from mlops_grade.course.discovery import Course, load_course
from mlops_grade.course.environment import environment_digest
from mlops_grade.errors import UsageError
from mlops_grade.verdict import Outcome


@pytest.fixture
def cohort(course: Course, tmp_path: Path, store_path: Path) -> Cohort:
    """A graded cohort: Ada right, Bob wrong, a third one gone."""
    cohort = cohort_of(make_fork(tmp_path / "ada", RIGHT), make_fork(tmp_path / "bob", WRONG), tmp_path / "gone")
    run_batch(course, cohort, store_path, environment=environment_digest())
    return cohort


def explain(course: Course, cohort: Cohort, store: Store, student: str, module: str = "m01") -> Explained:
    book = Gradebook(cohort, course.modules, store)
    return defend.explain(book, store, cohort.student(student), course.module(module))


def test_a_verdict_is_explained_by_what_it_rests_on(course: Course, cohort: Cohort, store_path: Path) -> None:
    with Store(store_path) as store:
        found = explain(course, cohort, store, "ada")
    facts = dict(found.facts)
    assert facts["commit"] == git(Path(cohort.students[0].repository), "rev-parse", "HEAD")
    assert "committer's clock, which can be set at will" in facts["committed"]
    assert "by our clock" in facts["branch seen at"]
    assert facts["seed"] == "1"
    assert facts["suite"] == found.key.suite
    assert facts["try 1"].startswith("passed on ")
    assert "2027-01-16" in facts["module last changed"], f"{MONDAY + DAY} is that day"


def test_what_was_not_collected_has_no_verdict_but_a_reason(course: Course, cohort: Cohort, store_path: Path) -> None:
    with Store(store_path) as store, pytest.raises(UsageError, match=r"no verdict on m01 of gone.*no folder"):
        explain(course, cohort, store, "gone")


def test_a_replay_that_agrees_is_one_more_try(course: Course, cohort: Cohort, store_path: Path) -> None:
    with Store(store_path) as store:
        found = explain(course, cohort, store, "bob")
        replayed = defend.replay(found, store, course.module("m01"), judge)
        assert replayed.agrees
        assert not replayed.differences
        standing = store.standing(found.standing.unit)
    assert (len(standing.tries), standing.flaky) == (2, False)


def test_a_replay_that_differs_opens_the_verdict(course: Course, cohort: Cohort, store_path: Path) -> None:
    def otherwise(module, submission):
        checks = judge(module, submission).checks
        return verdict_on(module, *(check.model_copy(update={"outcome": Outcome.PASSED}) for check in checks))

    with Store(store_path) as store:
        found = explain(course, cohort, store, "bob")
        replayed = defend.replay(found, store, course.module("m01"), otherwise)
        assert replayed.differences == ["test_right: not passed before, passed now"]
        row = Gradebook(cohort, course.modules, store).row(cohort.student("bob"))
    assert row.cells["m01"].state is State.OPEN


def test_a_replay_uses_the_files_that_were_graded_whatever_came_later(
    course: Course, cohort: Cohort, store_path: Path
) -> None:
    fork = Path(cohort.students[1].repository)
    write(fork, RIGHT)
    git(fork, "commit", "-q", "-am", "mended later")
    with Store(store_path) as store:
        assert defend.replay(explain(course, cohort, store, "bob"), store, course.module("m01"), judge).agrees


def test_a_replay_with_another_suite_is_refused(course: Course, cohort: Cohort, store_path: Path) -> None:
    write(course.root, {"s1_basics/m01_add/hidden/test_add.py": "def test_other(student):\n    assert 2\n"})
    changed = load_course(course.root)
    with Store(store_path) as store, pytest.raises(UsageError, match="suite of m01 is not the one"):
        defend.replay(explain(course, cohort, store, "bob"), store, changed.module("m01"), judge)


def test_a_replay_in_another_environment_is_told_and_not_kept(course: Course, tmp_path: Path, store_path: Path) -> None:
    cohort = cohort_of(make_fork(tmp_path / "ada", RIGHT))
    run_batch(course, cohort, store_path, environment="that of last year")
    with Store(store_path) as store:
        found = explain(course, cohort, store, "ada")
        assert defend.environment_changed(found)
        assert defend.replay(found, store, course.module("m01"), judge).agrees
        assert len(store.standing(found.standing.unit).tries) == 1
