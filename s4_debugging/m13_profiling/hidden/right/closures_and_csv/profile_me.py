"""cProfile as an object, and the statistics as they are printed by `get_stats_profile`."""

import cProfile
import heapq
import pstats
from collections.abc import Callable
from typing import Any


def profile_fn(function: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[Any, pstats.Stats]:
    profiler = cProfile.Profile(builtins=True)
    result = profiler.runcall(function, *args, **kwargs)
    profiler.create_stats()
    return result, pstats.Stats(profiler)


def top_functions(stats: pstats.Stats, n: int = 10) -> list[tuple[str, int, float]]:
    rows = ((name, entry[1], entry[3]) for (_, _, name), entry in stats.stats.items())
    return [
        (name, calls, round(seconds, 3)) for name, calls, seconds in heapq.nlargest(n, rows, key=lambda row: row[2])
    ]
