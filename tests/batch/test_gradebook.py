"""The gradebook: what counts, what stays open, and the tables, files and JSON made of it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from builders import DAY, MAIN, MONDAY, RIGHT, WRONG, FakeGrader, check, cohort_of, make_fork, run_batch, verdict_on
from mlops_grade.batch.cohort import Cohort
from mlops_grade.batch.defend import explain
from mlops_grade.batch.gradebook import Gradebook, Result, Row, State
from mlops_grade.batch.gradebook.data import write_json
from mlops_grade.batch.gradebook.feedback import write_feedback
from mlops_grade.batch.gradebook.page import write_page
from mlops_grade.batch.gradebook.platforms import CANVAS, MOODLE, write_platform
from mlops_grade.batch.gradebook.tables import write_csv
from mlops_grade.batch.gradebook.terminal import summary
from mlops_grade.batch.quality import check_quality, duplicates
from mlops_grade.batch.settings import CohortSettings
from mlops_grade.batch.store import Store
from mlops_grade.batch.student import Student
from mlops_grade.course.discovery import Course
from mlops_grade.errors import UsageError
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
    with file.open(newline="", encoding="utf-8-sig") as rows:
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


@pytest.fixture
def platforms_book(course: Course, forks: list[Path], store_path: Path, tmp_path: Path) -> Callable[..., Gradebook]:
    """Ada passed, Bob did not (one of two checks of m01), nobody's work was collected."""

    def made(**settings: object) -> Gradebook:
        students = (
            Student("ada", str(forks[0]), lms_id="4711", email="Ada@example.org", name="Ada Lund", canvas_id="31"),
            Student("bob", str(forks[1]), lms_id="s123", name="Bob Møller"),
            Student("nobody", str(forks[2])),
        )
        cohort = Cohort("autumn", tmp_path, students, CohortSettings.model_validate(settings))
        run_batch(course, cohort, store_path)
        return book_of(course, cohort, store_path)

    return made


def test_canvas_has_its_own_id_and_the_schools_in_their_columns(
    platforms_book: Callable[..., Gradebook], tmp_path: Path
) -> None:
    remarks = write_platform(platforms_book(), CANVAS, tmp_path / "canvas.csv", export=None)
    points, ada, bob = read_csv(tmp_path / "canvas.csv")
    assert points["Student"].strip() == "Points Possible"
    assert [ada[key] for key in ("ID", "SIS User ID", "m01 Adding", "Course passed")] == ["31", "4711", "1", "1"]
    assert [bob[key] for key in ("ID", "SIS User ID", "m01 Adding", "Course passed")] == ["", "s123", "0", "0"]
    assert remarks == ["canvas.csv: left out, as the roster has no id by which Canvas knows them: nobody"]


def test_moodle_has_the_schools_id_and_the_address(platforms_book: Callable[..., Gradebook], tmp_path: Path) -> None:
    write_platform(platforms_book(), MOODLE, tmp_path / "moodle.csv", export=None)
    moodle = read_csv(tmp_path / "moodle.csv")
    assert [(row["ID number"], row["Course passed"]) for row in moodle] == [("4711", "1"), ("s123", "0")]


def test_an_id_that_two_students_have_is_told(platforms_book: Callable[..., Gradebook], tmp_path: Path) -> None:
    book = platforms_book()
    object.__setattr__(book.cohort.students[1], "lms_id", "4711")
    remarks = write_platform(book, CANVAS, tmp_path / "canvas.csv", export=None)
    assert "canvas.csv: the id '4711' is several students': ada, bob" in remarks


EXPORT = """Student,ID,SIS User ID,SIS Login ID,Section,m01 Adding (901),Essay (902),Final Points
    Points Possible,,,,,10,5,(read only)
"Møller, Bob",57,,bmoller,MLOps,,3,
"Lund, Ada",31,9999,alund,MLOps,,4,
"Else, Somebody",58,77,else,MLOps,,,
"Student, Test",59,,abc,MLOps,,,
"""


def test_an_export_of_canvas_is_filled_in_as_it_is(platforms_book: Callable[..., Gradebook], tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_text(EXPORT, encoding="utf-8-sig")
    remarks = write_platform(platforms_book(), CANVAS, tmp_path / "canvas.csv", tmp_path / "export.csv")
    points, ada, bob = read_csv(tmp_path / "canvas.csv")
    assert list(ada)[:6] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "m01 Adding (901)"]
    assert (points["m01 Adding (901)"], points["Course passed"]) == ("10", "1")
    assert (ada["Student"], ada["ID"], ada["m01 Adding (901)"]) == ("Lund, Ada", "31", "10"), "Canvas's id decides"
    assert (bob["Student"], bob["ID"], bob["m01 Adding (901)"]) == ("Møller, Bob", "57", "0"), "a name that one has"
    assert "Essay (902)" not in ada, "what is no module's stays as the platform has it"
    assert remarks == [
        "canvas.csv: in the roster and not in export.csv: nobody",
        "canvas.csv: in export.csv and not in the roster: Else, Somebody",
    ]


def test_a_name_that_two_have_decides_nothing(platforms_book: Callable[..., Gradebook], tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_text(EXPORT.replace("Else, Somebody", "Bob Møller"), encoding="utf-8")
    remarks = write_platform(platforms_book(), CANVAS, tmp_path / "canvas.csv", tmp_path / "export.csv")
    assert "canvas.csv: in the roster and not in export.csv: bob, nobody" in remarks


def test_an_export_of_moodle_is_filled_in_as_it_is(platforms_book: Callable[..., Gradebook], tmp_path: Path) -> None:
    titles = (
        "First name,Surname,ID number,Institution,Department,Email address,Assignment: m01 Adding (Real),Course total"
    )
    people = "Bob,Møller,,,,bob@example.org,-,-\nAda,Lund,,,,ada@EXAMPLE.org,-,-\n"
    (tmp_path / "export.csv").write_text(f"{titles}\n{people}", encoding="utf-8")
    write_platform(platforms_book(), MOODLE, tmp_path / "moodle.csv", tmp_path / "export.csv")
    ada, bob = read_csv(tmp_path / "moodle.csv")
    assert (ada["Email address"], ada["Assignment: m01 Adding (Real)"]) == ("ada@EXAMPLE.org", "1")
    assert (bob["Surname"], bob["Assignment: m01 Adding (Real)"]) == ("Møller", "0")


def test_a_file_that_is_no_export_is_refused(platforms_book: Callable[..., Gradebook], tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(UsageError, match="is no export of Canvas's grades: expected a column ID or SIS User ID"):
        write_platform(platforms_book(), CANVAS, tmp_path / "canvas.csv", tmp_path / "export.csv")


def test_points_are_the_share_of_checks_when_asked(platforms_book: Callable[..., Gradebook], tmp_path: Path) -> None:
    write_platform(platforms_book(points="checks"), CANVAS, tmp_path / "canvas.csv", export=None)
    _, ada, bob = read_csv(tmp_path / "canvas.csv")
    assert (ada["m01 Adding"], bob["m01 Adding"], bob["Course passed"]) == ("1", "0.5", "0")


def test_the_table_for_people_opens_in_excel(platforms_book: Callable[..., Gradebook], tmp_path: Path) -> None:
    write_csv(platforms_book(), tmp_path / "gradebook.csv")
    assert (tmp_path / "gradebook.csv").read_bytes().startswith(b"\xef\xbb\xbfstudent,")


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


def test_no_report_says_a_token_that_stands_in_an_address(course: Course, store_path: Path, tmp_path: Path) -> None:
    student = Student("ada", "https://ada:ghp_of-a-student@git.example/ada.git")
    with Store(store_path) as store:
        book = Gradebook(Cohort("autumn", tmp_path, (student,)), course.modules, store)
        write_json(book, [], [], tmp_path / "out.json")
        write_page(book, [], [], tmp_path / "out.html")
    for name in ("out.json", "out.html"):
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert "git.example/ada.git" in text
        assert "ghp_of-a-student" not in text


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
