"""One context manager around the profiler, and a heap for the top."""

import cProfile
import heapq
import pstats
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple


class Cost(NamedTuple):
    name: str
    calls: int
    seconds: float


@contextmanager
def switched_on(profile: cProfile.Profile) -> Iterator[None]:
    profile.enable(subcalls=True)
    try:
        yield
    finally:
        profile.disable()


def profile_fn(function: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[Any, pstats.Stats]:
    profile = cProfile.Profile()
    with switched_on(profile):
        result = function(*args, **kwargs)
    return result, pstats.Stats(profile)


def top_functions(stats: pstats.Stats, n: int = 10) -> list[Cost]:
    costs = (Cost(key[2], entry[1], round(entry[3], 6)) for key, entry in stats.stats.items())
    return heapq.nlargest(n, costs, key=lambda cost: cost.seconds)
