"""Where does the time go? cProfile counts and clocks every call of a Python function."""

import cProfile
import pstats
from collections.abc import Callable
from typing import Any


def profile_fn(function: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[Any, pstats.Stats]:
    """Call `function(*args, **kwargs)` under cProfile; return what it returned, and the statistics."""
    profile = cProfile.Profile()
    profile.enable()
    result = function(*args, **kwargs)
    profile.disable()
    return result, pstats.Stats(profile)


def top_functions(stats: pstats.Stats, n: int = 10) -> list[tuple[str, int, float]]:
    """Return name, calls and cumulative time of the n functions with the largest cumulative time, largest first."""
    rows = [(name, calls, cumulative) for (_, _, name), (_, calls, _, cumulative, _) in stats.stats.items()]
    return sorted(rows, key=lambda row: row[2], reverse=True)[:n]
