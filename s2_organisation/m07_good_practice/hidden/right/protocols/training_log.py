"""What a training run leaves behind, read and summed up."""

import functools
import json
import math
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import (
    Callable,
    DefaultDict,
    Dict,
    Generator,
    Hashable,
    Iterable,
    List,
    Mapping,
    Optional,
    ParamSpec,
    Protocol,
    Sequence,
    Tuple,
    TypeVar,
    Union,
)

Item = TypeVar("Item")
Key = TypeVar("Key", bound=Hashable)
Result = TypeVar("Result")
Parameters = ParamSpec("Parameters")

Record = Dict[str, float]
Summary = Dict[str, Dict[str, float]]


class _TextSink(Protocol):
    def write(self, text: str, /) -> int: ...


DEFAULT_WINDOW = 5


def parse_line(line: str) -> Optional[Record]:
    """Read a line such as "epoch=3 loss=0.25" into a record; return None for a line that is no record."""
    record: Record = {}
    for word in line.split():
        name, _, value = word.partition("=")
        try:
            record[name] = float(value)
        except ValueError:
            return None
    return record or None


def read_log(lines: Iterable[str]) -> List[Record]:
    """Return the records in any iterable of lines, as a list; lines that are no records are left out."""
    records = (parse_line(line) for line in lines)
    return [record for record in records if record is not None]


def moving_average(values: Sequence[float], window: int = DEFAULT_WINDOW) -> List[float]:
    """Return a list with the mean of the last `window` values (fewer at the start), for any sequence of numbers."""
    averages = []
    for position in range(1, len(values) + 1):
        recent = values[max(0, position - window) : position]
        averages.append(sum(recent) / len(recent))
    return averages


def best(items: Iterable[Item], key: Callable[[Item], float], default: Optional[Item] = None) -> Optional[Item]:
    """Return the item with the smallest key, out of any iterable; the default (or None) where there is none."""
    winner, smallest = default, math.inf
    for item in items:
        if key(item) < smallest:
            winner, smallest = item, key(item)
    return winner


def group_by(items: Iterable[Item], key: Callable[[Item], Key]) -> Dict[Key, List[Item]]:
    """Return a dict from each key to the list of items, out of any iterable, that have it."""
    groups: DefaultDict[Key, List[Item]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return dict(groups)


def batches(items: Sequence[Item], size: int) -> Generator[Sequence[Item], None, None]:
    """Cut any sequence into pieces of at most `size` items, one after the other."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def timed(function: Callable[Parameters, Result]) -> Callable[Parameters, Tuple[Result, float]]:
    """Decorate a function: called as before, it returns its result and the seconds that it took."""

    @functools.wraps(function)
    def wrapper(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Tuple[Result, float]:
        start = time.perf_counter()
        result = function(*args, **kwargs)
        return result, time.perf_counter() - start

    return wrapper


class EarlyStopping:
    """Say when a training run has ceased to improve."""

    def __init__(self, patience: int, min_delta: float = 0.0) -> None:
        self.patience = patience
        self.min_delta = min_delta
        self.best: Optional[float] = None
        self.waited = 0

    def update(self, loss: float) -> bool:
        """Take in the next loss; return whether `patience` losses have passed in vain."""
        if self.best is None or loss < self.best - self.min_delta:
            self.best, self.waited = loss, 0
        else:
            self.waited += 1
        return self.waited >= self.patience


def load_runs(path: Union[str, Path]) -> Dict[str, List[float]]:
    """Read a JSON file (its path, or the path's name) that has a list of losses for each run's name."""
    runs: Dict[str, List[float]] = json.loads(Path(path).read_text())
    return runs


def summarise(runs: Mapping[str, Sequence[float]]) -> Summary:
    """Return the first, last and lowest loss of each run in the dict that has any."""
    return {
        name: {"first": losses[0], "last": losses[-1], "lowest": min(losses)} for name, losses in runs.items() if losses
    }


def report(summary: Mapping[str, Mapping[str, float]], out: Optional[_TextSink] = None) -> None:
    """Write what `summarise` returns, a line for each run, to a text stream (by default to standard output)."""
    stream = out or sys.stdout
    for name in sorted(summary):
        stream.write(f"{name}: {summary[name]['first']:.4f} -> {summary[name]['last']:.4f}\n")
