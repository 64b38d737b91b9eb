"""`mlops-grade feedback STUDENT`: one student's page as a file to hand out."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from mlops_grade.batch.gradebook.handout import write_handout
from mlops_grade.commands.batch import opened_book
from mlops_grade.verdict import ExitCode


def feedback(
    cohort: Path, named: Path | None, pattern: str | None, student: str, output: Path | None, console: Console
) -> int:
    """Write the page: to `output`, into it where it is a folder, or to `STUDENT.html` here."""
    with opened_book(cohort, named, pattern) as (book, _):
        found = book.cohort.student(student)
        name = f"{found.slug}.html"
        file = output / name if output and output.is_dir() else output or Path(name)
        write_handout(book, book.row(found), file)
    console.print(f"Wrote {file}", markup=False, soft_wrap=True)
    return ExitCode.PASSED
