"""Profile a call, rank what it called."""

from __future__ import annotations

import cProfile
import heapq
import pstats
from operator import itemgetter


def profile_fn(function, /, *args, **kwargs):
    """Run the call inside a profiler."""
    profiler = cProfile.Profile()
    try:
        result = profiler.runcall(function, *args, **kwargs)
    finally:
        profiler.disable()
    return result, pstats.Stats(profiler)


def top_functions(stats, n=10):
    """The n most expensive functions, by cumulative time."""
    table = (
        (key[-1], calls, cumulative) for key, (_, calls, _, cumulative, _) in stats.stats.items()
    )
    return heapq.nlargest(n, table, key=itemgetter(2))
