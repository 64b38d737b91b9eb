"""Grade one checkout as its owner watches: live lines, the report, the last verdicts remembered."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from mlops_grade.commands.last_verdicts import last_verdict, remember
from mlops_grade.course.discovery import Course, Module
from mlops_grade.course.submission import Submission, from_checkout
from mlops_grade.judge.grader import Grader, grade
from mlops_grade.reports.terminal import ListedModule, LiveProgress
from mlops_grade.verdict import Check, Outcome, Report

CROWDED = 2  # programs a core that want to compute


@dataclass(frozen=True)
class Checkout:
    """A student's checkout, to be graded with a course's suites."""

    course: Course
    root: Path

    def submission(self, module: Module) -> Submission:
        return from_checkout(self.root, module)


def grade_checkout(checkout: Checkout, modules: tuple[Module, ...], grader: Grader, console: Console) -> Report:
    """Grade modules with live lines on the console; the verdicts are remembered for `list` and `hint`."""
    with LiveProgress(console) as progress:
        grader.listen(lambda module, event: _follow(progress, module, event))
        report = grade(grader, modules, checkout.submission, str(checkout.root), progress.finished)
        grader.listen(None)
    remember(checkout.root, report)
    return report


def cores_are_busy() -> str:
    """What to tell somebody whose machine has much else to do; empty where it has not."""
    try:
        wanted = int(Path("/proc/loadavg").read_text().split()[3].partition("/")[0]) - 1  # we are one of them
    except (OSError, ValueError, IndexError):
        wanted = int(os.getloadavg()[0]) if hasattr(os, "getloadavg") else 0
    cores = os.cpu_count() or 1
    if wanted < CROWDED * cores:
        return ""
    return f"{wanted} programs share this machine's {cores} cores: this takes longer than usual."


def _follow(progress: LiveProgress, module: Module, event: dict[str, Any]) -> None:
    if event["event"] == "collected":
        progress.started(module.id, module.title, len(event["checks"]))
    elif event["event"] == "check":
        check = Check(name=event["name"], title=event["name"], outcome=Outcome(event["outcome"]))
        progress.checked(module.id, check)


def listing(checkout: Checkout) -> list[ListedModule]:
    """Every module of the course with its last verdict in this checkout."""
    rows = []
    for module in checkout.course.modules:
        last = last_verdict(checkout.root, module)
        topic = module.path.parent.name.partition("_")[2].replace("_", " ")
        outcome = last.outcome if last is not None else None
        rows.append(ListedModule(module.session, module.id, module.title, module.core, outcome, topic))
    return rows
