"""Where does the time go? cProfile counts and clocks every call of a Python function."""

import cProfile
import pstats
from collections.abc import Callable
from typing import Any


def profile_fn(function: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[Any, pstats.Stats]:
    """Call `function(*args, **kwargs)` under cProfile; return what it returned, and the statistics."""
    with cProfile.Profile() as profile:
        result = function(*args, **kwargs)
    return result, pstats.Stats(profile)


def top_functions(stats: pstats.Stats, n: int = 10) -> list[tuple[str, int, float]]:
    """Return name, calls and cumulative time of the n functions with the largest cumulative time, largest first."""
    entries = sorted(stats.stats.items(), key=lambda entry: entry[1][2], reverse=True)
    return [(name, calls, cumulative) for (_, _, name), (_, calls, _, cumulative, _) in entries[:n]]
