"""`mlops-grade prove` as a person sees it: a line for each claim, a summary, an exit status."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from mlops_grade.course.discovery import Module
from mlops_grade.judge.grader import Grader, RunOptions
from mlops_grade.prove.lines import NARROW_MARGIN, Line, prove
from mlops_grade.reports.terminal import render
from mlops_grade.student.isolation import Tier
from mlops_grade.verdict import ExitCode, Report


def run(
    modules: tuple[Module, ...],
    seeds: int,
    feedback: bool,
    isolation: Tier | None,
    start: str,
    jobs: int | None,
    console: Console,
) -> int:
    """Prove modules; false lines make the exit status 1."""
    lines = []
    with Grader(modules, RunOptions(isolation=isolation, start=start), jobs) as grader:
        for line in prove(grader, modules, seeds, whole=feedback):
            lines.append(line)
            console.print(_line_text(line), soft_wrap=True)
            if feedback and line.claim.startswith("wrong") and line.verdict is not None:
                console.print(render(Report(verdicts=(line.verdict,))))
    close = [line for line in lines if line.margin is not None and line.margin < NARROW_MARGIN]
    for line in close:
        console.print(_line_text(line), soft_wrap=True)
    wrong = [line for line in lines if not line.holds]
    console.print(f"{len(lines) - len(wrong)} of {len(lines)} lines hold for {len(modules)} modules", style="bold")
    for line in wrong:
        console.print(_line_text(line), soft_wrap=True)
    return ExitCode.NOT_PASSED if wrong else ExitCode.PASSED


def _line_text(line: Line) -> Text:
    mark = ("✓ ", "green") if line.holds else ("✗ ", "bold red")
    parts: list[str | tuple[str, str]] = [
        mark,
        f"{line.module}  {line.claim}",
        (f"  {line.cpu_seconds:.1f} s CPU", "dim"),
    ]
    if line.margin is not None:
        parts.append(_margin_text(line.margin))
    return Text.assemble(*parts, f"\n    {line.detail}" if line.detail else "")


def _margin_text(margin: float) -> tuple[str, str]:
    if margin < NARROW_MARGIN:
        return f"  close: off by {margin:.1f} times the tolerance; choose sizes that show it better", "yellow"
    return f"  off by {margin:.0f} times the tolerance" if margin < 1000 else "  far off", "dim"


def run_mutants(
    modules: tuple[Module, ...],
    limit: int,
    feedback: bool,
    isolation: Tier | None,
    start: str,
    jobs: int | None,
    console: Console,
) -> int:
    """Mutate the reference solutions; a kill rate below the bar makes the exit status 1."""
    from mlops_grade.prove.mutants import render_mutants

    with Grader(modules, RunOptions(isolation=isolation, start=start, fail_fast=True), jobs) as grader:
        return render_mutants(grader, modules, limit, console)
