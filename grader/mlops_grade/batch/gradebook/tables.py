"""The gradebook as tables: one for people, and the ones that Canvas and Moodle import."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from mlops_grade.batch.files import replacing
from mlops_grade.batch.gradebook.book import Cell, Gradebook, Result, Row, State, date_of
from mlops_grade.course.discovery import Module

_POINTS = dict.fromkeys((State.OPEN, State.NOT_RUN, State.MISSING, State.NOT_GRADED), "") | {State.PASSED: "1"}
_OVERALL = {Result.PASSED: "1", Result.NOT_PASSED: "0"}


def harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def write_csv(book: Gradebook, file: Path) -> None:
    """One row a student, one column a module; what is open or late is said in words."""
    header = ["student", "name", "email", "lms_id", "overall", "core passed", "core"]
    header += [module.id for module in book.modules]
    header += ["commit", f"committed ({book.cohort.settings.zone.key}, the committer's clock)", "remark"]
    _write(file, header, (_row(book, row) for row in book.rows))


def _row(book: Gradebook, row: Row) -> list[str]:
    fork = row.fork
    cells = [_words(row.cells[module.id]) for module in book.modules]
    committed = date_of(fork.committed) if fork else None
    student = row.student
    return [
        *(student.id, student.name, student.email, student.lms_id),
        "" if row.result is Result.INCOMPLETE else row.result,
        str(row.passed_core),
        str(len(row.core)),
        *cells,
        fork.commit if fork else "",
        f"{committed.astimezone(book.cohort.settings.zone):%Y-%m-%d %H:%M:%S}" if committed else "",
        row.reason,
    ]


def _words(cell: Cell) -> str:
    more = [text for text in (cell.checks if cell.state is State.NOT_PASSED else "", str(cell.lateness)) if text]
    if cell.decision:
        more.append("decided by hand")
    return f"{cell.state} ({', '.join(more)})" if more else str(cell.state)


def write_canvas(book: Gradebook, file: Path) -> None:
    """Canvas's grade import: 1 point for each module, and one for the course. Open cells are left empty.

    `lms_id` of the roster is Canvas's own ID, or the SIS user ID where it is no number; students without one and
    without an e-mail address (the SIS login) are left out, as Canvas could not tell whose row it is.
    """
    header = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    header += [*(f"{module.id} {module.title}" for module in _columns(book)), "Course passed"]
    points = ["    Points Possible", "", "", "", "", *("1" for _ in _columns(book)), "1"]
    rows = (
        [row.student.name or row.student.id, *_canvas_ids(row), "", *_grades(book, row)]
        for row in book.rows
        if row.student.lms_id or row.student.email
    )
    _write(file, header, _after(points, rows))


def _canvas_ids(row: Row) -> tuple[str, str, str]:
    lms_id = row.student.lms_id
    return (lms_id, "", row.student.email) if lms_id.isdigit() else ("", lms_id, row.student.email)


def write_moodle(book: Gradebook, file: Path) -> None:
    """Moodle's grade import (Grades, Import, CSV file): match on the ID number or on the e-mail address."""
    header = ["ID number", "Email address", *(f"{module.id} {module.title}" for module in _columns(book))]
    header += ["Course passed", "Feedback"]
    rows = (
        [row.student.lms_id, row.student.email, *_grades(book, row), _summary(row)]
        for row in book.rows
        if row.student.lms_id or row.student.email
    )
    _write(file, header, rows)


def _grades(book: Gradebook, row: Row) -> list[str]:
    return [*(_POINTS.get(row.cells[module.id].state, "0") for module in _columns(book)), _OVERALL.get(row.result, "")]


def _columns(book: Gradebook) -> list[Module]:
    """The modules that are imported: one that nobody has a grade for makes no column of nothing in the platform."""
    return [module for module in book.modules if module.id in book.graded]


def _summary(row: Row) -> str:
    if row.result is Result.MISSING:
        return f"Your repository was not graded: {row.reason}."
    if row.result is Result.INCOMPLETE:
        return f"{row.passed_core} core modules passed so far; not all of the {len(row.core)} are graded yet."
    return f"{row.passed_core} of {len(row.core)} core modules passed."


def _after(first: list[str], rows: Iterable[list[str]]) -> Iterator[list[str]]:
    yield first
    yield from rows


def _write(file: Path, header: list[str], rows: Iterable[Iterable[Any]]) -> None:
    with replacing(file, newline="") as out:
        writer = csv.writer(out)
        writer.writerow(header)
        # Whatever the roster holds in a column (an id that begins with "=") is text to a spreadsheet.
        writer.writerows(map(harmless, map(str, row)) for row in rows)
