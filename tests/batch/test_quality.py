"""Exam quality: what checks caught, which are suspicious, who handed in the same, and what goes to other tools."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from builders import ADD, RIGHT, WRONG, FakeGrader, check, cohort_of, make_fork, run_batch, verdict_on
from mlops_grade.batch.gradebook import Gradebook
from mlops_grade.batch.quality import CheckQuality, check_quality, duplicates, point_biserial
from mlops_grade.batch.run import Batch, BatchOptions
from mlops_grade.batch.similarity import export
from mlops_grade.batch.store import Store
from mlops_grade.batch.student import Student
from mlops_grade.course.discovery import Course, Module
from mlops_grade.course.submission import Submission
from mlops_grade.verdict import ModuleVerdict


def version(number: int) -> dict[str, str]:
    """A right answer that nobody else has."""
    return {ADD: f"def add(a, b):\n    return a + b  # {number}\n"}


def quality_of(course: Course, store_path: Path, forks: list[Path], grader: object) -> dict[str, CheckQuality]:
    run_batch(course, cohort_of(*forks), store_path, grader, modules=course.resolve(["m01"]))
    with Store(store_path) as store:
        found = check_quality(Gradebook(cohort_of(*forks), course.resolve(["m01"]), store))
    return {one.name: one for one in found}


def test_a_check_that_only_otherwise_passing_students_fail_is_suspicious(
    course: Course, tmp_path: Path, store_path: Path
) -> None:
    forks = [make_fork(tmp_path / f"s{number}", version(number)) for number in range(4)]

    def grade(module: Module, submission: Submission) -> ModuleVerdict:
        odd = any(mark in submission.files.get("add.py", b"") for mark in (b"# 1", b"# 2", b"# 3"))
        good = b"TODO" not in submission.files.get("add.py", b"")
        return verdict_on(
            module, check("test_sum", good), check("test_picky", good and not odd), check("test_type", good)
        )

    found = quality_of(course, store_path, [*forks, make_fork(tmp_path / "idle")], grade)
    assert (found["test_picky"].students, found["test_picky"].failed, found["test_picky"].alone) == (4, 3, 3)
    assert "only students who pass everything else" in found["test_picky"].suspicion
    assert found["test_sum"].suspicion == ""


def test_the_untouched_skeleton_says_nothing_about_a_check(course: Course, tmp_path: Path, store_path: Path) -> None:
    forks = [make_fork(tmp_path / "ada", RIGHT), make_fork(tmp_path / "idle"), make_fork(tmp_path / "idler")]
    assert quality_of(course, store_path, forks, FakeGrader())["test_done"].students == 1


def test_discrimination_is_the_point_biserial_correlation() -> None:
    # By hand: passing group mean 0.8, failing 0.4, population deviation 0.2236, shares 1/2 and 1/2.
    pairs = [(1.0, 0.9), (1.0, 0.7), (0.0, 0.5), (0.0, 0.3)]
    assert point_biserial(pairs) == pytest.approx((0.8 - 0.4) / 0.223606797 * 0.5)


@pytest.mark.parametrize("pairs", [[], [(1.0, 0.5)] * 9, [(1.0, 0.1), (1.0, 0.9), (1.0, 0.4)]])
def test_without_spread_there_is_no_discrimination(pairs: list[tuple[float, float]]) -> None:
    assert point_biserial(pairs) is None


def test_a_check_that_the_strong_fail_more_often_is_suspicious() -> None:
    assert "strong students" in CheckQuality("m01", "test", "title", 36, 9, 2, -0.4).suspicion
    assert CheckQuality("m01", "test", "title", 16, 9, 2, -0.4).suspicion == "", "too few to tell it from chance"


def test_equal_files_are_listed_but_not_the_skeleton_and_the_solution_last(
    course: Course, tmp_path: Path, store_path: Path
) -> None:
    files = {"ada": WRONG, "bob": WRONG, "cyd": RIGHT, "dan": RIGHT, "eve": {}, "fay": {}, "gus": version(1)}
    forks = [make_fork(tmp_path / name, *([given] if given else [])) for name, given in files.items()]
    run_batch(course, cohort_of(*forks), store_path)
    with Store(store_path) as store:
        found = duplicates(Gradebook(cohort_of(*forks), course.modules, store))
    assert [(group.module, group.students, group.solution) for group in found] == [
        ("m01", ("ada", "bob"), False),
        ("m01", ("cyd", "dan"), True),
    ]


def test_a_team_on_one_repository_is_no_finding(course: Course, tmp_path: Path, store_path: Path) -> None:
    team, eve = make_fork(tmp_path / "team", WRONG), make_fork(tmp_path / "eve", version(1))
    students = (Student("ada", str(team)), Student("bob", str(team)), Student("eve", str(eve)))
    cohort = replace(cohort_of(team), students=students)
    run_batch(course, cohort, store_path)
    with Store(store_path) as store:
        book = Gradebook(cohort, course.modules, store)
        assert duplicates(book) == []
        ada, bob, _ = book.rows
        assert ada.cells["m01"].unit == bob.cells["m01"].unit, "one verdict, a row for each"


def test_the_export_holds_what_students_wrote_themselves(course: Course, tmp_path: Path, store_path: Path) -> None:
    forks = [
        make_fork(tmp_path / "ada", {**RIGHT, "s2_more/m02_tree/src/own.py": "OWN = 1\n"}),
        make_fork(tmp_path / "idle"),
    ]
    run_batch(course, cohort_of(*forks), store_path)
    with Store(store_path) as store:
        batch = Batch(course, cohort_of(*forks), store, BatchOptions(course.modules, environment="test"))
        count = export(course, batch.touched(), tmp_path / "out")
    written = sorted(
        str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*") if path.is_file()
    )
    assert count == 2
    assert written == [
        "m01/info.csv", "m01/skeleton/add.py", "m01/students/ada/add.py",
        "m02/info.csv", "m02/skeleton/main.py", "m02/skeleton/src/given.py", "m02/students/ada/src/own.py",
    ]  # fmt: skip
    with (tmp_path / "out/m02/info.csv").open() as file:
        assert list(csv.DictReader(file)) == [{"filename": "students/ada/src/own.py", "full_name": "ada"}]
