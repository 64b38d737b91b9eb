"""One student's page as a file to hand out: theirs alone, and no script."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from builders import DAY, MONDAY, RIGHT, WRONG, cohort_of, make_fork, run_batch, write
from mlops_grade.batch.gradebook import Gradebook, State
from mlops_grade.batch.gradebook.handout import handout
from mlops_grade.batch.store import Store
from mlops_grade.cli import app
from mlops_grade.course.discovery import Course
from mlops_grade.errors import UsageError
from sample_book import HOSTILE, sample_book


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Gradebook:
    return sample_book(tmp_path_factory.mktemp("book"), students=40, modules=6)


def text_of(page: str) -> str:
    return re.sub(r"<[^>]+>", " ", page.partition("<body")[2])


def test_it_says_what_did_not_pass_and_what_to_do_about_it(book: Gradebook) -> None:
    row = next(row for row in book.rows if any(c.state is State.NOT_PASSED for c in row.cells.values()))
    page = text_of(handout(book, row))
    assert row.student.name in page
    assert f"{row.passed_core} of {len(row.core)} passed" in page
    assert "0.31" in page, "what was got"
    assert "Read the second task again." in page


def test_what_did_not_pass_lies_open_and_the_rest_does_not(book: Gradebook) -> None:
    for row in book.rows[:10]:
        page = handout(book, row)
        opened = re.findall(r"<details open>\s*<summary><strong>(m\d+)", page)
        wanted = [m for m, c in row.cells.items() if c.state in (State.NOT_PASSED, State.OPEN, State.NOT_RUN)]
        assert opened == wanted, row.student.id


def test_nothing_of_the_others_and_nothing_of_the_team_s_own_is_on_it(book: Gradebook) -> None:
    page = handout(book, book.rows[3])
    ids = set(re.findall(r"s26\d{4}", page))
    assert ids == {book.rows[3].student.id}
    assert "seed" not in text_of(page)
    assert "correlation" not in page


def test_what_students_wrote_is_text_and_no_script_is_allowed(book: Gradebook) -> None:
    pages = [handout(book, row) for row in book.rows]
    hostile = [page for page in pages if "onerror=" in page]
    assert hostile, "the sample has a hostile message"
    for page in hostile:
        assert HOSTILE not in page
        assert "<img" not in page
        assert "<script" not in page
        assert "script-src" not in page, "default-src 'none' holds for scripts"


def test_a_student_whose_work_was_not_collected_reads_why(book: Gradebook) -> None:
    page = handout(book, book.rows[39])
    assert "there is no such repository" in page
    assert "<details" not in page


def test_a_token_in_an_address_is_not_handed_out(course: Course, store_path: Path, tmp_path: Path) -> None:
    cohort = cohort_of(make_fork(tmp_path / "ada", RIGHT))
    run_batch(course, cohort, store_path)
    with Store(store_path) as store:
        store.database.execute("UPDATE forks SET repository = 'https://ada:s3cret@git.example.org/ada.git'")
        row = Gradebook(cohort, course.modules, store).rows[0]
        page = handout(Gradebook(cohort, course.modules, store), row)
    assert "git.example.org/ada.git" in page
    assert "s3cret" not in page


@pytest.fixture
def graded(course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A roster whose cohort was graded, seen from the course's folder."""
    forks = [make_fork(tmp_path / "ada", RIGHT), make_fork(tmp_path / "bob", WRONG, dates=(MONDAY + DAY,))]
    rows = "".join(f"{fork.name},{fork},{fork.name}@example.org\n" for fork in forks)
    write(tmp_path / "autumn", {"roster.csv": f"student,repository,email\n{rows}"})
    run_batch(course, cohort_of(*forks), tmp_path / "autumn/.mlops-grade/verdicts.sqlite")
    monkeypatch.chdir(course.root)
    return tmp_path / "autumn"


def test_the_command_writes_it_for_a_student_named_by_e_mail(graded: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    command = ["feedback", "bob@example.org", "--cohort", str(graded / "roster.csv"), "--output"]
    ran = CliRunner().invoke(app, [*command, str(out)])
    assert ran.exit_code == 0, ran.output
    assert "bob" in (out / "bob.html").read_text(encoding="utf-8")
    assert CliRunner().invoke(app, [*command, str(tmp_path / "mine.html")]).exit_code == 0
    assert (tmp_path / "mine.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_misspelt_student_and_a_cohort_that_was_not_graded_are_told(graded: Path, tmp_path: Path) -> None:
    ran = CliRunner().invoke(app, ["feedback", "bib", "--cohort", str(graded / "roster.csv")])
    assert isinstance(ran.exception, UsageError)
    assert "bob" in str(ran.exception)
    nowhere = ["--store", str(tmp_path / "none.sqlite")]
    ran = CliRunner().invoke(app, ["feedback", "bob", "--cohort", str(graded / "roster.csv"), *nowhere])
    assert isinstance(ran.exception, UsageError)
    assert "run `mlops-grade batch" in str(ran.exception)
