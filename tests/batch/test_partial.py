"""A run over some modules says nothing about the others, and never awards the course."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from rich.console import Console

from builders import ADD, DAY, MAIN, MONDAY, RIGHT, WRONG, FakeGrader, cohort_of, commit, make_fork, run_batch
from mlops_grade.batch.defend import explain, replay
from mlops_grade.batch.gradebook import Gradebook, Result, State
from mlops_grade.batch.gradebook.feedback import write_feedback
from mlops_grade.batch.gradebook.platforms import CANVAS, MOODLE, write_platform
from mlops_grade.batch.gradebook.tables import write_csv
from mlops_grade.batch.gradebook.terminal import summary
from mlops_grade.batch.store import Store
from mlops_grade.course.discovery import Course

ALL_RIGHT = {**RIGHT, MAIN: "DONE = 1\n", "s2_more/m02_tree/src/given.py": "DONE = 2\n"}


def graded(course: Course, store: Path, *forks: Path, modules: tuple[str, ...] = ()) -> Gradebook:
    cohort = cohort_of(*forks)
    run_batch(course, cohort, store, modules=course.resolve(list(modules)))
    return Gradebook(cohort, course.modules, Store(store))


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(newline="", encoding="utf-8-sig") as text:
        return list(csv.DictReader(text))


def states(book: Gradebook) -> list[State]:
    return [cell.state for cell in book.rows[0].cells.values()]


def test_a_run_over_one_core_module_does_not_award_the_course(course: Course, tmp_path: Path, store_path: Path) -> None:
    book = graded(course, store_path, make_fork(tmp_path / "ada", ALL_RIGHT), modules=("m01",))
    assert states(book) == [State.PASSED, State.NOT_GRADED]
    assert book.rows[0].result is Result.INCOMPLETE


def test_nor_does_it_fail_it(course: Course, tmp_path: Path, store_path: Path) -> None:
    assert graded(course, store_path, make_fork(tmp_path / "ada", WRONG), modules=("m01",)).rows[0].result is (
        Result.INCOMPLETE
    )


def test_the_columns_of_the_course_are_empty_until_every_core_module_has_a_verdict(
    course: Course, tmp_path: Path, store_path: Path
) -> None:
    fork = make_fork(tmp_path / "ada", ALL_RIGHT)
    book = graded(course, store_path, fork, modules=("m01",))
    book = Gradebook(cohort_of(fork), course.modules, Store(store_path))
    object.__setattr__(book.cohort.students[0], "email", "ada@example.org")
    for platform in (CANVAS, MOODLE):
        write_platform(book, platform, tmp_path / "out.csv", export=None)
        ada = rows(tmp_path / "out.csv")[-1]
        assert (ada["m01 Adding"], ada["Course passed"]) == ("1", "")
        assert "m02 Trees" not in ada, "a module that nobody has a grade for is no column"
    write_csv(book, tmp_path / "out.csv")
    ada = rows(tmp_path / "out.csv")[0]
    assert (ada["overall"], ada["m01"], ada["m02"]) == ("", "passed", "not graded")
    write_feedback(book, tmp_path)
    text = (tmp_path / "ada.md").read_text(encoding="utf-8")
    assert "1 of 2 modules" in text
    assert "m02" not in text


def test_the_summary_says_how_much_was_graded(course: Course, tmp_path: Path, store_path: Path) -> None:
    console = Console(width=100, record=True, file=(tmp_path / "log").open("w", encoding="utf-8"))
    console.print(summary(graded(course, store_path, make_fork(tmp_path / "ada"), modules=("m01",)), [], []))
    said = console.export_text()
    assert "1 of 2 core modules graded" in said
    assert "Trees" not in said


def test_the_next_part_completes_what_the_first_one_began(course: Course, tmp_path: Path, store_path: Path) -> None:
    fork = make_fork(tmp_path / "ada", ALL_RIGHT)
    graded(course, store_path, fork, modules=("m01",))
    assert graded(course, store_path, fork, modules=("m02",)).rows[0].result is Result.PASSED


@pytest.mark.parametrize(("files", "said"), [({"README.md": "x\n"}, False), ({MAIN: "DONE = 9\n"}, True)])
def test_what_was_not_part_of_the_run_stays_as_it_was_graded(
    course: Course, tmp_path: Path, store_path: Path, files: dict[str, str], said: bool
) -> None:
    fork = make_fork(tmp_path / "ada", ALL_RIGHT)
    graded(course, store_path, fork)
    commit(fork, {**files, ADD: "def add(a, b):\n    return a - b\n"}, date=MONDAY + 9 * DAY)
    book = graded(course, store_path, fork, modules=("m01",))
    assert states(book) == [State.NOT_PASSED, State.PASSED]
    notes = book.rows[0].cells["m02"].notes
    assert bool(notes) is said, "what changed since is said; what is the same is not"
    with Store(store_path) as store:
        found = explain(book, store, book.cohort.students[0], course.module("m02"))
        assert replay(found, store, course.module("m02"), FakeGrader()).agrees, "the files of then are still there"


def test_a_module_is_graded_as_it_is_now_when_its_turn_comes(course: Course, tmp_path: Path, store_path: Path) -> None:
    fork = make_fork(tmp_path / "ada", ALL_RIGHT)
    graded(course, store_path, fork)
    commit(fork, {MAIN: "TODO = 3\n"})
    graded(course, store_path, fork, modules=("m01",))
    assert states(graded(course, store_path, fork)) == [State.PASSED, State.NOT_PASSED]


def test_verdicts_on_another_repository_do_not_stay(course: Course, tmp_path: Path, store_path: Path) -> None:
    graded(course, store_path, make_fork(tmp_path / "ada", ALL_RIGHT))
    elsewhere = make_fork(tmp_path / "moved" / "ada", WRONG)
    assert states(graded(course, store_path, elsewhere, modules=("m01",))) == [State.NOT_PASSED, State.NOT_GRADED]
