"""The cohort in a terminal: one line a module, and what a person has to look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from mlops_grade.batch.defend import Explained, Replayed
from mlops_grade.batch.gradebook.book import Gradebook, Result, State
from mlops_grade.batch.quality import CheckQuality, Duplicates
from mlops_grade.reports.terminal import render
from mlops_grade.reports.text import one_line
from mlops_grade.verdict import Report

COLUMNS = (
    State.PASSED, State.NOT_PASSED, State.UNTOUCHED, State.LATE, State.NOT_RUN, State.OPEN, State.MISSING,
    State.NOT_GRADED,
)  # fmt: skip
STYLES = {State.PASSED: "green", State.NOT_PASSED: "red", State.OPEN: "magenta", State.LATE: "yellow"}
SHOWN = 20


def summary(book: Gradebook, quality: list[CheckQuality], duplicates: list[Duplicates]) -> RenderableType:
    """Counts by module and result, then the lists: not collected, open, suspicious checks, equal files."""
    by_module = {module.id: Counter[State]() for module in book.modules}
    results: Counter[Result] = Counter()
    missing, open_ = [], []
    for row in book.rows:
        results[row.result] += 1
        for cell in row.cells.values():
            by_module[cell.module][cell.state] += 1
            if cell.state is State.OPEN:
                flaky = cell.unit is not None and cell.unit.flaky
                open_.append(f"{row.student.id} {cell.module}: {'tries disagree' if flaky else 'grader error'}")
        if row.reason:
            missing.append(f"{row.student.id}: {row.reason}")
    used = [state for state in COLUMNS if any(counts[state] for counts in by_module.values())]
    table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="dim")
    table.add_column("module")
    table.add_column("", overflow="ellipsis", ratio=1)
    for state in used:
        table.add_column(state.value, justify="right")
    for module in (module for module in book.modules if module.id in book.graded):
        counts = by_module[module.id]
        numbers = (Text(str(counts[state] or "·"), style=STYLES.get(state, "")) for state in used)
        table.add_row(Text(module.id, style="bold"), Text(module.title), *numbers)
    suspicious = [f"{one.module} {one.name}: {one.suspicion} ({one.failed})" for one in quality if one.suspicion]
    equal = [
        f"{group.module}: {', '.join(group.students)}{' (the reference solution)' if group.solution else ''}"
        for group in duplicates
    ]
    total = ", ".join(f"{results[result]} {result}" for result in Result if results[result])
    return Group(
        table,
        *_listed("About the repositories", missing),
        *_listed("To be looked at by a person", open_),
        *_listed("Suspicious checks", suspicious),
        *_listed("Equal files", equal),
        Text(),
        Text(f"{len(book.cohort.students)} students: {total}", style="bold"),
        *_incomplete(book),
        _zone(book),
    )


def _zone(book: Gradebook) -> RenderableType:
    settings = book.cohort.settings
    own = "" if settings.timezone else ", this machine's time zone: timezone in cohort.toml names another"
    return Text(f"Dates are in {settings.zone.key}{own}.", style="dim")


def _incomplete(book: Gradebook) -> Iterator[RenderableType]:
    if book.graded_core < len(book.core):
        said = f"{book.graded_core} of {len(book.core)} core modules graded: the course's result is open until all are."
        yield Text(said, style="yellow")


def _listed(title: str, lines: list[str]) -> Iterator[RenderableType]:
    if not lines:
        return
    yield Text()
    yield Text(title, style="bold")
    for line in lines[:SHOWN]:
        yield Text(f"  {one_line(line)}", overflow="fold")
    if len(lines) > SHOWN:
        yield Text(f"  … and {len(lines) - SHOWN} more: they are in gradebook.json", style="dim")


def explained(found: Explained) -> RenderableType:
    """One verdict as the student reads it, and everything it rests on."""
    facts = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column(overflow="fold")
    for name, value in found.facts:
        facts.add_row(name, Text(one_line(value)))
    report = Report(submission=found.row.student.id, verdicts=(found.verdict,))
    return Group(render(report), Text(), facts)


def replayed(found: Replayed, environment_changed: bool) -> RenderableType:
    """Whether the same files got the same verdict again, and where not."""
    lines: list[RenderableType] = []
    if found.agrees:
        lines.append(Text(f"The verdicts agree: {found.after.outcome}, check for check.", style="bold green"))
    else:
        lines.append(
            Text(f"The verdicts differ: {found.before.outcome} before, {found.after.outcome} now.", style="bold red")
        )
        lines += [Text(f"  {one_line(difference)}") for difference in found.differences]
    if environment_changed:
        lines.append(
            Text("The environment is another one than then: this replay is not kept as a try.", style="yellow")
        )
    return Group(*lines)
