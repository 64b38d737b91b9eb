"""The report as a student reads it in a terminal, the lines that move while modules run, and the list of modules.

Everything is built from `rich.text.Text`, so nothing is ever parsed as markup; and every line of a student's own text
stands behind a gutter, so that the log of a GitHub job never takes one for a workflow command.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from threading import Lock
from types import TracebackType
from typing import Self

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.live import Live
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from mlops_grade.reports.text import one_line, seconds
from mlops_grade.reports.wording import Finding, Part, count, findings, headline, remark
from mlops_grade.verdict import Check, ModuleVerdict, Outcome, Report

WIDEST = 100  # on a wide screen a wider table would only tear the titles from the outcomes
NARROW = 64
STYLES = {
    Outcome.PASSED: "green",
    Outcome.NOT_PASSED: "bold red",
    Outcome.NOT_RUN: "yellow",
    Outcome.GRADER_ERROR: "bold magenta",
}
MARKS = {Outcome.PASSED: "✓", Outcome.NOT_PASSED: "✗", Outcome.NOT_RUN: "–", Outcome.GRADER_ERROR: "!"}
EXTRA_MARK, EXTRA_STYLE = "○", "yellow"
LABEL_WIDTH = 10
# One column each, so that the layout stays the same where the terminal knows no more than ASCII.
ASCII = str.maketrans({"✓": "+", "✗": "x", "–": "-", "○": "o", "│": "|", "…": "~", "·": "-"})


def render(report: Report) -> RenderableType:
    """The whole report: a table for each session, what did not pass beneath it, and the result as the last line."""
    return _Fitted(Group(*_blocks(report)))


def as_text(report: Report, width: int = 80) -> str:
    """The same as plain text of that width."""
    console = Console(file=io.StringIO(), width=width, color_system=None, force_terminal=False, legacy_windows=False)
    with console.capture() as capture:
        console.print(render(report))
    return "".join(f"{line.rstrip()}\n" for line in capture.get().splitlines())


@dataclass(frozen=True)
class ListedModule:
    """One row of `mlops-grade list`: a module, and its last verdict if there is one."""

    session: str
    module: str
    title: str
    core: bool
    outcome: Outcome | None = None
    topic: str = ""


def render_list(modules: Iterable[ListedModule]) -> RenderableType:
    """Sessions and their modules: core or optional, and what the last verdict was."""
    blocks: list[RenderableType] = []
    for session, listed in groupby(modules, key=lambda module: module.session):
        group = tuple(listed)
        rows = (_cells(each.module, each.title, each.core, each.outcome) for each in group)
        blocks += [_Table(session, group[0].topic, tuple(rows)), Text()]
    return _Fitted(Group(*blocks[:-1]))


@dataclass(frozen=True)
class _Fitted:
    """What is inside, not too wide, and in characters that the terminal's encoding has."""

    inside: RenderableType

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        options = options.update(width=min(options.max_width, WIDEST))
        for text, style, control in console.render(self.inside, options):
            # GitHub's runner obeys this old form of a workflow command in the middle of a line too.
            text = text.replace("##[", "## [")
            if options.ascii_only:
                text = text.translate(ASCII).encode(options.encoding, "backslashreplace").decode(options.encoding)
            yield Segment(text, style, control)


@dataclass(frozen=True)
class _Block:
    """A text behind a prefix, which every further line repeats in its own form."""

    first: Text
    further: Text
    body: Text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = max(options.max_width - cell_len(self.first.plain), 8)
        for number, line in enumerate(self.body.wrap(console, width, overflow="fold")):
            line.rstrip()
            yield Text.assemble(self.further if number else self.first, line)


def _blocks(report: Report) -> Iterator[RenderableType]:
    for _, group in groupby(report.verdicts, key=lambda verdict: verdict.session):
        verdicts = tuple(group)
        yield _session(verdicts)
        yield Text()
        for verdict in verdicts:
            said = [*_remarks(verdict), *map(_finding, findings(verdict.failed))]
            if said:
                yield Text(f"{one_line(verdict.module)} {one_line(verdict.title)}", style="bold")
                yield from said
                yield Text()
    if _circumstances(report):
        yield Text(_circumstances(report), style="dim")
    yield Text(headline(report), style="bold green" if report.outcome is Outcome.PASSED else STYLES[report.outcome])


def _session(verdicts: tuple[ModuleVerdict, ...]) -> RenderableType:
    rows = (
        (
            *_cells(verdict.module, verdict.title, verdict.core, verdict.outcome),
            Text(count(verdict)),
            Text(seconds(verdict.seconds) if verdict.seconds else "–", style="dim"),
        )
        for verdict in verdicts
    )
    # The folder s4_debugging/m13_profilers has the topic in its name.
    topic = verdicts[0].folder.partition("/")[0].partition("_")[2].replace("_", " ")
    return _Table(verdicts[0].session, topic, tuple(rows), ("checks", "time"))


def _cells(module: str, title: str, core: bool, outcome: Outcome | None) -> tuple[Text, ...]:
    style = STYLES[outcome] if outcome else "dim"
    return (
        Text(MARKS[outcome] if outcome else "", style=style),
        Text(one_line(module), style="bold"),
        Text(one_line(title)),
        Text("core" if core else "optional", style="" if core else "dim"),
        Text(outcome.value if outcome else "–", style=style),
    )


@dataclass(frozen=True)
class _Table:
    """One session: columns of fixed width, so that several tables stand in line; the title takes what is left."""

    session: str
    topic: str
    rows: tuple[tuple[Text, ...], ...]
    headings: tuple[str, ...] = ()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        table = Table(box=None, expand=True, padding=(0, 1), pad_edge=False, header_style="dim")
        table.add_column("", width=1)
        table.add_column(Text(one_line(self.session), style="not dim bold"), width=4, overflow="fold")
        table.add_column(Text(one_line(self.topic)), ratio=1, overflow="fold")
        # The title is needed more than what follows it: a narrow terminal shows no more than the outcome.
        narrow = options.max_width < NARROW
        if not narrow:
            table.add_column("", width=8, no_wrap=True)
        table.add_column("", width=12, no_wrap=True)
        for heading in () if narrow else self.headings:
            table.add_column(heading, justify="right", min_width=6, no_wrap=True)
        for row in self.rows:
            table.add_row(*(row[:3] + row[4:5] if narrow else row))
        yield table


def _remarks(verdict: ModuleVerdict) -> Iterator[RenderableType]:
    said = remark(verdict)
    if said:
        gutter = Text("  │ ", style=STYLES[verdict.outcome])
        yield _Block(gutter, gutter, Text(said))
    for note in verdict.notes:
        yield _Block(Text("  · "), Text("    │ ", style="dim"), Text(f"note: {one_line(note)}", style="dim"))


def _finding(finding: Finding) -> RenderableType:
    check = finding.first
    extra = not check.required and check.outcome is Outcome.NOT_PASSED
    mark, style = (EXTRA_MARK, EXTRA_STYLE) if extra else (MARKS[check.outcome], STYLES[check.outcome])
    titles = (_title(each, mark, style) for each in finding.checks)
    return Group(*titles, *(_part(part, Text.assemble(("    │ ", style))) for part in finding.parts))


def _title(check: Check, mark: str, style: str) -> RenderableType:
    title = Text(one_line(check.title), style="bold")
    if not check.required:
        title.append(" (extra, not needed to pass)", style="not bold dim")
    if check.reason == "unreached":
        title.append(" (not reached)", style="not bold dim")
    return _Block(Text.assemble("  ", (mark, style), " "), Text("    "), title)


def _part(part: Part, gutter: Text) -> RenderableType:
    if part.label in ("expected", "got", "hint", "printed"):
        label = Text(f"{part.label:<{LABEL_WIDTH}}", style="cyan")
        # What a program says of itself matters less than what was found.
        text = Text(part.text, style="dim" if part.label == "printed" else "")
        return _Block(gutter + label, gutter + Text(" " * LABEL_WIDTH), text)
    if part.label == "at":
        lines = (Text(line, style="" if line.startswith(" ") else "cyan") for line in part.text.split("\n"))
        return _Block(gutter, gutter, Text("\n").join(lines))
    return _Block(gutter, gutter, Text(part.text))


def _circumstances(report: Report) -> str:
    """What is needed to repeat the run: the seed, where it ran, how long it took."""
    provenances = [verdict.provenance for verdict in report.verdicts if verdict.provenance]
    facts = []
    for label, values in (
        ("seed", {str(each.seed) for each in provenances}),
        ("device", {each.device for each in provenances}),
        ("isolation", {each.isolation for each in provenances}),
    ):
        if len(values) == 1:
            facts.append(f"{label} {one_line(values.pop())}")
    if facts and report.seconds:
        facts.append(seconds(report.seconds))
    return " · ".join(facts)


class LiveProgress:
    """What is going on while modules run: on a terminal a line that moves for each, else a plain line when one is done.

    A context manager. There is no thread behind it: a line changes when `started`, `checked` or `finished` is called,
    from any thread. On a terminal the lines are gone at the end, for the report to take their place.
    """

    def __init__(self, console: Console, moves: bool | None = None) -> None:
        self._console = console
        # FORCE_COLOR makes a terminal of a CI job's log, but none on which a line can move.
        self._moves = console.is_interactive and console.file.isatty() if moves is None else moves
        self._running: dict[str, _Line] = {}
        self._lock = Lock()
        # The grader's own streams are left alone: pytest runs in this process and captures them.
        self._live = Live(
            console=console, auto_refresh=False, transient=True, redirect_stdout=False, redirect_stderr=False
        )

    def __enter__(self) -> Self:
        if self._moves:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._moves:
            self._live.update(Text(), refresh=True)
            self._live.stop()

    def started(self, module: str, title: str, checks: int = 0) -> None:
        """A module has begun; `checks` is how many it has, where that is known already."""
        with self._lock:
            self._running[module] = _Line(module, title, checks)
            self._show()

    def checked(self, module: str, check: Check) -> None:
        """A check of that module is done."""
        with self._lock:
            line = self._running.get(module)
            if line:
                line.done += (check,)
                self._show()

    def finished(self, verdict: ModuleVerdict) -> None:
        """A module is done."""
        with self._lock:
            self._running.pop(verdict.module, None)
            if self._moves:
                self._show()
            else:
                name = f"{one_line(verdict.module)} {one_line(verdict.title)}"
                line = f"{name}: {verdict.outcome} ({count(verdict)} checks, {seconds(verdict.seconds)})"
                self._console.print(_Fitted(Text(line)), soft_wrap=True)

    def _show(self) -> None:
        if self._moves:
            self._live.update(_Fitted(Group(*(line.text() for line in self._running.values()))), refresh=True)


@dataclass
class _Line:
    module: str
    title: str
    checks: int
    done: tuple[Check, ...] = ()

    def text(self) -> Text:
        name = f"{one_line(self.module)} {one_line(self.title)}"
        of = f"{len(self.done)}/{self.checks}" if self.checks else f"{len(self.done)}"
        marks = ((MARKS[check.outcome], STYLES[check.outcome]) for check in self.done)
        last = f"  {one_line(self.done[-1].title)}" if self.done else ""
        text = Text.assemble((name, "bold"), "  ", *marks, f"  {of}", (last, "dim"), no_wrap=True, overflow="crop")
        return text
