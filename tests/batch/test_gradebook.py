"""The gradebook: what counts, what stays open, and the tables, files and JSON made of it."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from builders import DAY, MAIN, MONDAY, RIGHT, WRONG, FakeGrader, check, cohort_of, make_fork, run_batch, verdict_on
from mlops_grade.batch.cohort import Cohort, Student
from mlops_grade.batch.defend import explain
from mlops_grade.batch.gradebook import Gradebook, Result, Row, State
from mlops_grade.batch.gradebook.data import write_json
from mlops_grade.batch.gradebook.feedback import write_feedback
from mlops_grade.batch.gradebook.page import write_page
from mlops_grade.batch.gradebook.tables import write_canvas, write_csv, write_moodle
from mlops_grade.batch.gradebook.terminal import summary
from mlops_grade.batch.quality import check_quality, duplicates
from mlops_grade.batch.settings import CohortSettings
from mlops_grade.batch.store import Store
from mlops_grade.course.discovery import Course
from mlops_grade.verdict import Outcome

ALL_RIGHT = {**RIGHT, MAIN: "DONE = 1\n", "s2_more/m02_tree/src/given.py": "DONE = 2\n"}


@pytest.fixture
def forks(tmp_path: Path) -> list[Path]:
    return [make_fork(tmp_path / "ada", ALL_RIGHT), make_fork(tmp_path / "bob", WRONG), tmp_path / "gone"]


def book_of(course: Course, cohort: Cohort, store_path: Path) -> Gradebook:
    return Gradebook(cohort, course.modules, Store(store_path))


def graded(course: Course, forks: list[Path], store_path: Path, grader: object = None, **settings: object) -> Gradebook:
    cohort = cohort_of(*forks, settings=CohortSettings.model_validate(settings))
    run_batch(course, cohort, store_path, grader or FakeGrader())
    return book_of(course, cohort, store_path)


def row_of(book: Gradebook, student: str) -> Row:
    return book.row(book.cohort.student(student))


def read_csv(file: Path) -> list[dict[str, str]]:
    with file.open(newline="", encoding="utf-8") as rows:
        return list(csv.DictReader(rows))


def test_states_and_results(course: Course, forks: list[Path], store_path: Path) -> None:
    book = graded(course, forks, store_path)
    found = {row.student.id: (row.result, [cell.state for cell in row.cells.values()]) for row in book.rows}
    assert found == {
        "ada": (Result.PASSED, [State.PASSED, State.PASSED]),
        "bob": (Result.NOT_PASSED, [State.NOT_PASSED, State.UNTOUCHED]),
        "gone": (Result.MISSING, [State.MISSING, State.MISSING]),
    }


def test_a_flaky_pass_is_open_and_never_silently_passed(course: Course, forks: list[Path], store_path: Path) -> None:
    slow = verdict_on(course.module("m01"), check("test_done", False, reason="timeout"), check("test_right", True))
    book = graded(course, forks[:1], store_path, FakeGrader(told={"m01": [slow]}))
    ada = row_of(book, "ada")
    assert ada.cells["m01"].state is State.OPEN
    assert ada.result is Result.OPEN


def test_a_grader_error_leaves_the_result_open(course: Course, forks: list[Path], store_path: Path) -> None:
    grader = FakeGrader(told={"m02": [OSError("full")] * 3})
    assert row_of(graded(course, forks[:1], store_path, grader), "ada").result is Result.OPEN


def test_what_is_surely_not_passed_decides_beside_something_open(
    course: Course, forks: list[Path], store_path: Path
) -> None:
    grader = FakeGrader(told={"m02": [OSError("full")] * 3})
    assert row_of(graded(course, forks[1:2], store_path, grader), "bob").result is Result.NOT_PASSED


def test_an_instructor_decides_with_a_reason(course: Course, forks: list[Path], store_path: Path) -> None:
    decision = {"student": "bob", "module": "m01", "outcome": "passed", "reason": "shown to work at the desk"}
    book = graded(course, forks, store_path, decision=[decision])
    cell = row_of(book, "bob").cells["m01"]
    assert cell.state is State.PASSED
    assert cell.decision is not None
    assert cell.unit is not None
    assert cell.unit.outcome is Outcome.NOT_PASSED, "the verdict itself stays as it is"


def test_late_work_does_not_count_but_is_graded(course: Course, forks: list[Path], store_path: Path) -> None:
    due = datetime.fromtimestamp(MONDAY + DAY / 2, UTC)  # half a day before Ada's commit
    book = graded(course, forks, store_path, late={"policy": "grace", "due": due, "grace_hours": 6})
    cell = row_of(book, "ada").cells["m01"]
    assert cell.state is State.LATE
    assert str(cell.lateness) == "12 h late, does not count"
    lenient = Gradebook(
        cohort_of(*forks, settings=CohortSettings.model_validate({"late": {"due": due}})), course.modules,
        Store(store_path),
    )  # fmt: skip
    assert row_of(lenient, "ada").cells["m01"].state is State.PASSED, "another policy needs no grading"


def test_the_table_has_a_row_a_student_and_a_column_a_module(
    course: Course, forks: list[Path], store_path: Path, tmp_path: Path
) -> None:
    write_csv(graded(course, forks, store_path), tmp_path / "out.csv")
    rows = read_csv(tmp_path / "out.csv")
    assert [(row["student"], row["overall"], row["m01"], row["m02"]) for row in rows] == [
        ("ada", "passed", "passed", "passed"),
        ("bob", "not passed", "not passed (1/2)", "untouched"),
        ("gone", "not collected", "not collected", "not collected"),
    ]
    assert "no folder" in rows[2]["remark"]


def test_no_cell_is_a_formula(course: Course, tmp_path: Path, store_path: Path) -> None:
    fork = make_fork(tmp_path / "ada")
    cohort = Cohort("autumn", tmp_path, (Student("=cmd|' /C calc'!A0", str(fork), name="@SUM(1)"),))
    run_batch(course, cohort, store_path)
    write_csv(book_of(course, cohort, store_path), tmp_path / "out.csv")
    row = read_csv(tmp_path / "out.csv")[0]
    assert row["student"].startswith("'=")
    assert row["name"].startswith("'@")


def test_canvas_and_moodle_find_their_students(
    course: Course, forks: list[Path], store_path: Path, tmp_path: Path
) -> None:
    students = (
        Student("ada", str(forks[0]), lms_id="4711", email="ada@example.org", name="Ada L."),
        Student("bob", str(forks[1]), lms_id="s123", email="bob@example.org"),
        Student("nobody", str(forks[2])),
    )
    cohort = Cohort("autumn", tmp_path, students)
    run_batch(course, cohort, store_path)
    book = book_of(course, cohort, store_path)
    write_canvas(book, tmp_path / "canvas.csv")
    points, ada, bob = read_csv(tmp_path / "canvas.csv")
    assert points["Student"].strip() == "Points Possible"
    assert (ada["ID"], ada["SIS Login ID"], ada["m01 Adding"], ada["Course passed"]) == (
        "4711", "ada@example.org", "1", "1",
    )  # fmt: skip
    assert (bob["ID"], bob["SIS User ID"], bob["m01 Adding"], bob["Course passed"]) == ("", "s123", "0", "0")
    write_moodle(book, tmp_path / "moodle.csv")
    moodle = read_csv(tmp_path / "moodle.csv")
    assert [(row["ID number"], row["Course passed"]) for row in moodle] == [("4711", "1"), ("s123", "0")]


def test_the_json_has_everything_and_each_verdict_once(
    course: Course, forks: list[Path], store_path: Path, tmp_path: Path
) -> None:
    book = graded(course, [*forks, make_fork(tmp_path / "twin", ALL_RIGHT)], store_path)
    quality, equal = check_quality(book), duplicates(book)
    write_json(book, quality, equal, tmp_path / "gradebook.json")
    found = json.loads((tmp_path / "gradebook.json").read_text(encoding="utf-8"))
    ada, bob, gone, twin = found["students"]
    assert ada["modules"]["m01"]["verdict"] == twin["modules"]["m01"]["verdict"]
    numbers = [verdict["verdict"] for verdict in found["verdicts"]]
    assert len(numbers) == len(set(numbers)) == 4
    assert bob["modules"]["m01"] | {"verdict": 0, "changed": ""} == {
        "state": "not passed", "verdict": 0, "checks_passed": 1, "checks": 2, "changed": "",
    }  # fmt: skip
    assert gone["result"] == "not collected"
    assert found["duplicates"][0]["students"] == ["ada", "twin"]


def test_feedback_cannot_be_broken_out_of(course: Course, forks: list[Path], store_path: Path, tmp_path: Path) -> None:
    hostile = "```\n# You passed\n<script>alert(1)</script>"
    verdict = verdict_on(course.module("m01"), check("test_right", False, message=hostile, hint="Look again."))
    book = graded(course, forks[1:2], store_path, FakeGrader(told={"m01": [verdict]}))
    assert write_feedback(book, tmp_path / "feedback") == 1
    text = (tmp_path / "feedback" / "bob.md").read_text(encoding="utf-8")
    assert "````text\n```\n# You passed" in text
    assert text.count("````") == 2
    assert "hint: Look again." in text
    assert "| **m01** Adding | core | not passed | 0/1 |" in text


def test_a_report_that_cannot_be_written_leaves_the_old_one(
    course: Course, forks: list[Path], store_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = graded(course, forks, store_path)
    target = tmp_path / "out.csv"
    write_csv(book, target)
    before = target.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    from mlops_grade.errors import GraderError

    with pytest.raises(GraderError, match="No space left on device"):
        write_csv(book, target)
    assert target.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix == ".tmp") == []


def test_every_report_says_the_time_zone_that_its_dates_are_in(
    course: Course, forks: list[Path], store_path: Path, tmp_path: Path
) -> None:
    grant = {"student": "ada", "module": "m01", "days": 2, "reason": "was ill"}
    due = {"due": "2027-01-15T09:00", "policy": "grace"}  # MONDAY is the 15th, 9:00 in Copenhagen
    book = graded(course, forks[:1], store_path, timezone="Europe/Copenhagen", late=due, extension=[grant])
    write_csv(book, tmp_path / "out.csv")
    row = read_csv(tmp_path / "out.csv")[0]
    assert row["committed (Europe/Copenhagen, the committer's clock)"] == "2027-01-16 09:00:00"
    assert (row["m01"], row["m02"]) == ("passed", "too late (24 h late, does not count)")
    write_json(book, [], [], tmp_path / "out.json")
    found = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert found["timezone"] == "Europe/Copenhagen"
    assert found["students"][0]["modules"]["m01"]["extension"]["days"] == 2
    write_page(book, [], [], tmp_path / "out.html")
    assert "due 2027-01-17 09:00 Europe/Copenhagen by an extension: was ill" in (tmp_path / "out.html").read_text()
    write_feedback(book, tmp_path)
    assert "of 2027-01-16 09:00 Europe/Copenhagen" in (tmp_path / "ada.md").read_text()
    with Store(store_path) as store:
        facts = dict(explain(book, store, book.cohort.students[0], course.module("m01")).facts)
    assert facts["due"] == "2027-01-17 09:00 Europe/Copenhagen (extension: was ill)"
    said = Console(record=True, width=100, file=io.StringIO())
    said.print(summary(book, [], []))
    assert "Dates are in Europe/Copenhagen." in said.export_text()
