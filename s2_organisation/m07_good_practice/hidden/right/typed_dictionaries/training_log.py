"""Tools for the logs of training runs.

Lines of a log become records; losses are averaged, compared and reported.
"""

from __future__ import annotations

import collections.abc as abc
import functools
import json
import math
import os
import sys
import time
import typing as t
from collections import defaultdict
from pathlib import Path

_T = t.TypeVar("_T")
_K = t.TypeVar("_K")
_D = t.TypeVar("_D")
_P = t.ParamSpec("_P")


class Losses(t.TypedDict):
    """Three losses of one run."""

    first: float
    last: float
    lowest: float


Record: t.TypeAlias = dict[str, float]
DEFAULT_WINDOW: t.Final = 5


def parse_line(line: str) -> Record | None:
    """Read a line such as "epoch=3 loss=0.25" into a record; return None for a line that is no record."""
    record: Record = {}
    for word in line.split():
        name, _, value = word.partition("=")
        try:
            record[name] = float(value)
        except ValueError:
            return None
    return record or None


def read_log(lines: abc.Iterable[str]) -> list[Record]:
    """Return the records in any iterable of lines, as a list; lines that are no records are left out."""
    records = (parse_line(line) for line in lines)
    return [record for record in records if record is not None]


def moving_average(values: abc.Sequence[float], window: int = DEFAULT_WINDOW) -> list[float]:
    """Return a list with the mean of the last `window` values (fewer at the start), for any sequence of numbers."""
    averages: list[float] = []
    for position in range(1, len(values) + 1):
        recent = values[max(0, position - window) : position]
        averages.append(sum(recent) / len(recent))
    return averages


def best(items: abc.Iterable[_T], key: abc.Callable[[_T], float], default: _D | None = None) -> _T | _D | None:
    """Return the item with the smallest key, out of any iterable; the default (or None) where there is none."""
    winner: _T | _D | None
    smallest: float
    winner, smallest = default, math.inf
    for item in items:
        if key(item) < smallest:
            winner, smallest = item, key(item)
    return winner


def group_by(items: abc.Iterable[_T], key: abc.Callable[[_T], _K]) -> dict[_K, list[_T]]:
    """Return a dict from each key to the list of items, out of any iterable, that have it."""
    groups: defaultdict[_K, list[_T]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return dict(groups)


def batches(items: abc.Sequence[_T], size: int) -> abc.Iterator[abc.Sequence[_T]]:
    """Cut any sequence into pieces of at most `size` items, one after the other."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def timed(function: abc.Callable[_P, _T]) -> abc.Callable[_P, tuple[_T, float]]:
    """Decorate a function: called as before, it returns its result and the seconds that it took."""

    @functools.wraps(function)
    def wrapper(*args: _P.args, **kwargs: _P.kwargs) -> tuple[_T, float]:
        start = time.perf_counter()
        result = function(*args, **kwargs)
        return result, time.perf_counter() - start

    return wrapper


class EarlyStopping:
    """Stop a training run that does not get better any more.

    It may wait `patience` times; an improvement counts from `min_delta` up.
    """

    def __init__(self, patience: int, min_delta: float = 0.0) -> None:
        self.patience = patience
        self.min_delta = min_delta
        self.best: float | None = None
        self.waited = 0

    def update(self, loss: float) -> bool:
        """Note a loss and tell whether to stop."""
        if self.best is None or loss < self.best - self.min_delta:
            self.best, self.waited = loss, 0
        else:
            self.waited += 1
        return self.waited >= self.patience


def load_runs(path: str | os.PathLike[str]) -> dict[str, list[float]]:
    """Read a JSON file (its path, or the path's name) that has a list of losses for each run's name."""
    runs: dict[str, list[float]] = json.loads(Path(path).read_text())
    return runs


def summarise(runs: abc.Mapping[str, abc.Sequence[float]]) -> dict[str, Losses]:
    """Return the first, last and lowest loss of each run in the dict that has any."""
    return {
        name: {"first": losses[0], "last": losses[-1], "lowest": min(losses)} for name, losses in runs.items() if losses
    }


def report(summary: abc.Mapping[str, Losses], out: t.TextIO | None = None) -> None:
    """Write what `summarise` returns, a line for each run, to a text stream (by default to standard output)."""
    stream = out or sys.stdout
    for name in sorted(summary):
        stream.write(f"{name}: {summary[name]['first']:.4f} -> {summary[name]['last']:.4f}\n")
