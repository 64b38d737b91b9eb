"""Calls that the docstrings allow: each must be accepted."""

import io
import sys
from pathlib import Path

from training_log import (
    EarlyStopping,
    batches,
    best,
    group_by,
    load_runs,
    moving_average,
    parse_line,
    read_log,
    report,
    summarise,
    timed,
)

record: dict[str, float] | None = parse_line("epoch=1")
from_a_list: list[dict[str, float]] = read_log(["epoch=1"])
from_a_generator: list[dict[str, float]] = read_log(line for line in ("epoch=1", "epoch=2"))
averages: list[float] = moving_average([1.0, 2.0], window=2)
of_a_tuple: list[float] = moving_average((1.0, 2.0), 2)
shortest: str | None = best(["a", "bc"], key=len)
nearest: int | None = best({1, 2}, lambda number: abs(number - 1.5), 3)
by_length: dict[int, list[str]] = group_by(("a", "bc"), len)
by_half: dict[float, list[int]] = group_by({1, 2}, key=lambda number: number / 2)
first: int = next(iter(batches([1, 2, 3], 2)))[0]
second: str = next(iter(batches(("a", "b"), size=2)))[1]


@timed
def repeat(word: str, times: int = 2) -> str:
    """Repeat a word."""
    return word * times


word, seconds = repeat("a", times=3)
upper: str = word.upper()
rounded: int = round(seconds)
stopping = EarlyStopping(3, min_delta=0.5)
stop: bool = stopping.update(0.25)
lowest: float | None = stopping.best
runs: dict[str, list[float]] = load_runs("runs.json")
runs = load_runs(Path("runs.json"))
last: float = summarise(runs)["a"]["last"]
report(summarise({"a": [1.0]}))
report(summarise(runs), sys.stderr)
report(summarise(runs), out=io.StringIO())
