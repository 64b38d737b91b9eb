"""What a person sees while a batch runs: a live display on a terminal, plain lines anywhere else."""

from __future__ import annotations

import time
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Display

from mlops_grade.reports.text import one_line

LINE_EVERY = 10.0


class Progress(Protocol):
    """Told of each phase with its number of steps, and of each step; `problem` is worth a line of its own."""

    def phase(self, name: str, total: int, known: int = 0) -> None: ...

    def advance(self, steps: int = 1, problem: str = "") -> None: ...

    def close(self) -> None: ...


class Silent:
    """Says nothing."""

    def phase(self, name: str, total: int, known: int = 0) -> None: ...

    def advance(self, steps: int = 1, problem: str = "") -> None: ...

    def close(self) -> None: ...


class Lines:
    """A line at each phase's start and end, and every ten seconds between: for logs and files."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._name, self._total, self._done = "", 0, 0
        self._started = self._said = time.monotonic()

    def phase(self, name: str, total: int, known: int = 0) -> None:
        self.close()
        self._name, self._total, self._done = name, total, 0
        self._started = self._said = time.monotonic()
        self._print(f"{name}: {total}{f', {known} known already' if known else ''}")

    def advance(self, steps: int = 1, problem: str = "") -> None:
        self._done += steps
        if problem:
            self._print(f"  {one_line(problem)}")
        now = time.monotonic()
        if now - self._said >= LINE_EVERY and self._done < self._total:
            self._said = now
            rate = self._done / (now - self._started)
            left = (self._total - self._done) / rate if rate else 0
            self._print(f"{self._name}: {self._done}/{self._total}, {rate:.1f} a second, {left:.0f} s left")

    def close(self) -> None:
        if self._name and self._done:
            self._print(f"{self._name}: {self._done}/{self._total} in {time.monotonic() - self._started:.1f} s")
        self._name = ""

    def _print(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)


class Live:
    """Bars with rate, hits of the store and the time left."""

    def __init__(self, console: Console) -> None:
        self._display = Display(
            TextColumn("{task.description:<10}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"),
            TextColumn("{task.fields[known]}"), TimeElapsedColumn(), TextColumn("ETA"), TimeRemainingColumn(),
            console=console,
        )  # fmt: skip
        self._task: TaskID | None = None
        self._started = time.monotonic()
        self._display.start()

    def phase(self, name: str, total: int, known: int = 0) -> None:
        hits = f"{known} known" if known else ""
        self._started = time.monotonic()
        self._task = self._display.add_task(name, total=total, rate="", known=hits)

    def advance(self, steps: int = 1, problem: str = "") -> None:
        assert self._task is not None
        if problem:
            self._display.console.print(f"  {one_line(problem)}", markup=False, highlight=False)
        self._display.advance(self._task, steps)
        done = self._display.tasks[self._task].completed
        rate = done / max(time.monotonic() - self._started, 1e-3)
        self._display.update(self._task, rate=f"{rate:.1f}/s")

    def close(self) -> None:
        self._display.stop()


def display(console: Console) -> Progress:
    """The display that fits where the console writes to."""
    return Live(console) if console.is_terminal else Lines(console)
