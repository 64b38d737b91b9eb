"""What changed since the last gradebook, as the store remembers it."""

from __future__ import annotations

from dataclasses import astuple
from pathlib import Path

import pytest

from builders import RIGHT, WRONG, cohort_of, commit, make_fork, run_batch
from mlops_grade.batch.cohort import Cohort
from mlops_grade.batch.gradebook import Gradebook
from mlops_grade.batch.gradebook.changes import Changes, changes_since_last, remember
from mlops_grade.batch.gradebook.page import write_page
from mlops_grade.batch.store import Store
from mlops_grade.course.discovery import Course


@pytest.fixture
def forks(tmp_path: Path) -> tuple[Path, Path]:
    return make_fork(tmp_path / "ada", RIGHT), make_fork(tmp_path / "bob", WRONG)


def night(course: Course, cohort: Cohort, store_path: Path) -> Changes:
    """One run, and what its gradebook says of the one before."""
    run_batch(course, cohort, store_path)
    with Store(store_path) as store:
        book = Gradebook(cohort, course.modules, store)
        found = changes_since_last(book, store)
        remember(book, store)
    return found


def test_the_first_gradebook_has_nothing_to_be_compared_with(
    course: Course, forks: tuple[Path, Path], store_path: Path
) -> None:
    assert night(course, cohort_of(*forks), store_path) == Changes()


def test_a_module_that_stands_otherwise_is_a_change_once(
    course: Course, forks: tuple[Path, Path], store_path: Path
) -> None:
    cohort = cohort_of(*forks)
    night(course, cohort, store_path)
    commit(forks[1], RIGHT)
    second = night(course, cohort, store_path)
    assert second.since is not None
    assert [astuple(one) for one in second.found] == [("bob", "m01", "not passed", "passed")]
    assert night(course, cohort, store_path).found == ()


def test_a_student_who_is_new_to_the_roster_is_no_change(
    course: Course, forks: tuple[Path, Path], store_path: Path
) -> None:
    night(course, cohort_of(forks[0]), store_path)
    assert night(course, cohort_of(*forks), store_path).found == ()


def test_cohorts_in_one_store_are_kept_apart(course: Course, forks: tuple[Path, Path], store_path: Path) -> None:
    night(course, cohort_of(*forks, name="autumn"), store_path)
    assert night(course, cohort_of(*forks, name="spring"), store_path).since is None


def test_the_page_tells_them_with_the_date_that_they_are_since(
    course: Course, forks: tuple[Path, Path], store_path: Path, tmp_path: Path
) -> None:
    cohort = cohort_of(*forks)
    night(course, cohort, store_path)
    commit(forks[1], RIGHT)
    changes = night(course, cohort, store_path)
    with Store(store_path) as store:
        book = Gradebook(cohort, course.modules, store)
        write_page(book, [], [], tmp_path / "index.html", changes)
        assert changes.since is not None
        expected = f'"since":"{book.date(changes.since)}","found":[["bob","m01","not passed","passed"]]'
    assert expected in (tmp_path / "index.html").read_text(encoding="utf-8")
