"""The gradebook as a table, and how tables are written."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mlops_grade.batch.files import replacing
from mlops_grade.batch.gradebook.book import Cell, Gradebook, Result, Row, State, date_of


def harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def write_csv(book: Gradebook, file: Path) -> None:
    """One row a student, one column a module; what is open or late is said in words."""
    header = ["student", "name", "email", "lms_id", "overall", "core passed", "core"]
    header += [module.id for module in book.modules]
    header += ["commit", f"committed ({book.cohort.settings.zone.key}, the committer's clock)", "remark"]
    write_table(file, header, (_row(book, row) for row in book.rows), for_excel=True)


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


def write_table(file: Path, header: list[str], rows: Iterable[Iterable[Any]], for_excel: bool = False) -> None:
    """Write CSV. Excel knows UTF-8 by a mark at the beginning, over which a platform's import may stumble."""
    with replacing(file, newline="") as out:
        out.write("\ufeff" * for_excel)
        writer = csv.writer(out)
        writer.writerow(header)
        # Whatever the roster holds in a column (an id that begins with "=") is text to a spreadsheet.
        writer.writerows(map(harmless, map(str, row)) for row in rows)
