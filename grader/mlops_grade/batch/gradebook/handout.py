"""One student's page in a file to hand out: what `feedback/STUDENT.md` says, to be opened or printed by anybody.

It runs no script, so that a mail program or a learning platform shows it as well. Nothing of other students is on it,
and nothing that the course's team keeps to itself: no seed, no digest, no machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mlops_grade.batch.files import replacing
from mlops_grade.batch.git import without_secrets
from mlops_grade.batch.gradebook.book import Cell, Gradebook, Result, Row, State
from mlops_grade.batch.gradebook.feedback import BEING_LOOKED_AT, EXPLAINED
from mlops_grade.batch.gradebook.html import rendered
from mlops_grade.course.discovery import Module
from mlops_grade.reports.text import one_line, plain
from mlops_grade.reports.wording import Finding, findings, remark
from mlops_grade.verdict import Check, Outcome


@dataclass(frozen=True)
class Part:
    """One module on the page. `findings` are the checks to do something about, `passed` the others."""

    module: Module
    cell: Cell
    said: tuple[str, ...]
    findings: tuple[Finding, ...]
    passed: tuple[Check, ...]

    @property
    def kind(self) -> str:
        """The style of the state."""
        return self.cell.state.replace(" ", "-")

    @property
    def opened(self) -> bool:
        return self.cell.state in EXPLAINED


def write_handout(book: Gradebook, row: Row, file: Path) -> None:
    """Write the page of one student."""
    with replacing(file) as out:
        out.write(handout(book, row))


def handout(book: Gradebook, row: Row) -> str:
    """The page of one student."""
    name = one_line(f"{row.student.id} · {row.student.name}" if row.student.name else row.student.id)
    return rendered(
        "handout.html.j2",
        f"{name} · {one_line(book.cohort.name)}",
        cohort=one_line(book.cohort.name),
        name=name,
        result=str(row.result),
        result_kind=row.result.replace(" ", "-"),
        facts=tuple(_facts(book, row)),
        reason=plain(row.reason),
        parts=tuple(_parts(book, row)),
        generated=book.date(book.generated),
    )


def _facts(book: Gradebook, row: Row) -> Iterator[tuple[str, str]]:
    yield "core modules", f"{row.passed_core} of {len(row.core)} passed"
    if row.result is Result.INCOMPLETE:
        graded = sum(cell.state is not State.NOT_GRADED for cell in row.cells.values())
        yield "graded so far", f"{graded} of {len(row.cells)} modules"
    fork = row.fork
    if fork:
        yield "repository", without_secrets(one_line(fork.repository))
    if fork and fork.commit:
        when = f" of {book.date(fork.committed)}" if fork.committed is not None else ""
        yield "commit", f"{fork.commit[:12]}{when}"


def _parts(book: Gradebook, row: Row) -> Iterator[Part]:
    if all(cell.state is State.MISSING for cell in row.cells.values()):
        return
    for module in book.modules:
        cell = row.cells[module.id]
        if cell.state is State.NOT_GRADED:
            continue
        verdict = book.verdict(cell.unit.unit) if cell.unit else None
        explained = verdict is not None and cell.state in EXPLAINED
        yield Part(
            module,
            cell,
            tuple(_said(cell, remark(verdict) if verdict and explained else "", verdict.notes if verdict else ())),
            findings(verdict.failed) if verdict and explained else (),
            tuple(check for check in verdict.checks if check.outcome is Outcome.PASSED) if verdict else (),
        )


def _said(cell: Cell, remarked: str, notes: tuple[str, ...]) -> Iterator[str]:
    if cell.unit and cell.unit.flaky:
        yield BEING_LOOKED_AT
    if cell.lateness.late:
        yield str(cell.lateness)
    if cell.decision:
        yield f"decided by hand: {plain(cell.decision.reason)}"
    yield from map(plain, (text for text in (remarked, *notes, *cell.notes) if text))
