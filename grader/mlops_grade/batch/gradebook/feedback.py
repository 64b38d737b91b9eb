"""One Markdown file a student, ready to post: the result, and what to do about each check that did not pass."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from mlops_grade.batch.files import replacing
from mlops_grade.batch.gradebook.book import Cell, Gradebook, Result, Row, State
from mlops_grade.course.discovery import Module
from mlops_grade.reports.text import one_line, plain
from mlops_grade.reports.wording import as_text, findings, remark
from mlops_grade.verdict import ModuleVerdict

EXPLAINED = (State.NOT_PASSED, State.OPEN, State.NOT_RUN, State.LATE)
BEING_LOOKED_AT = "This one is being looked at by a person: the grader did not come to the same result each time."


def write_feedback(book: Gradebook, folder: Path) -> int:
    """Write `folder/STUDENT.md` for every student; give their number."""
    count = 0
    for row in book.rows:
        with replacing(folder / f"{row.student.slug}.md") as out:
            out.writelines(f"{line}\n" for line in lines(book, row))
        count += 1
    return count


def lines(book: Gradebook, row: Row) -> Iterator[str]:
    """The feedback for one student. What students wrote stands in fenced blocks only."""
    yield f"# {book.cohort.name}: {row.result}"
    yield ""
    yield from _circumstances(book, row)
    if all(cell.state is State.MISSING for cell in row.cells.values()):
        return
    graded = [module for module in book.modules if row.cells[module.id].state is not State.NOT_GRADED]
    if row.result is Result.INCOMPLETE:
        yield f"Not all is graded yet: {len(graded)} of {len(book.modules)} modules are."
        yield ""
    yield "| module | | result | checks | |"
    yield "|---|---|---|---|---|"
    for module in graded:
        cell = row.cells[module.id]
        kind = "core" if module.core else "optional"
        yield f"| **{module.id}** {module.title} | {kind} | {cell.state} | {cell.checks} | {_side(cell)} |"
    yield ""
    for module in graded:
        cell = row.cells[module.id]
        if cell.unit and cell.state in EXPLAINED and (verdict := book.verdict(cell.unit.unit)):
            yield from _module(module, cell, verdict)


def _circumstances(book: Gradebook, row: Row) -> Iterator[str]:
    fork = row.fork
    if fork and fork.commit:
        when = f" of {book.date(fork.committed)}" if fork.committed is not None else ""
        yield f"Graded is commit `{fork.commit[:12]}`{when}."
        yield ""
    if row.reason:
        yield "Your repository was not collected:" if not (fork and fork.collected) else "Your repository:"
        yield ""
        yield from fenced(row.reason)
        yield ""


def _side(cell: Cell) -> str:
    said = [str(cell.lateness)] if cell.lateness.late else []
    if cell.decision:
        said.append("decided by hand: " + re.sub(r"[^\w\s.,;:()'-]", " ", one_line(cell.decision.reason)))
    return ", ".join(said)


def _module(module: Module, cell: Cell, verdict: ModuleVerdict) -> Iterator[str]:
    yield f"## {module.id} {module.title}: {cell.state}"
    yield ""
    if cell.unit and cell.unit.flaky:
        yield BEING_LOOKED_AT
        yield ""
    said = [text for text in (remark(verdict), *map(one_line, verdict.notes), *map(one_line, cell.notes)) if text]
    if said:
        yield from fenced("\n".join(said))
        yield ""
    for finding in findings(verdict.failed):
        for check in finding.checks:
            yield f"- {_quoted(check.title)}{'' if check.required else ' (extra, not needed to pass)'}"
        yield ""
        text = as_text(finding.parts)
        if text:
            yield from fenced(text)
            yield ""


def _quoted(title: str) -> str:
    """A check's title comes from the course: only what Markdown would swallow is escaped."""
    return re.sub(r"([\\`*_<>\[\]|#])", r"\\\1", one_line(title))


def fenced(text: str) -> Iterator[str]:
    """A block that the text cannot end, its fence is longer than any in it, and in which nothing moves or hides."""
    text = plain(text)
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    yield f"{fence}text"
    yield text
    yield fence
