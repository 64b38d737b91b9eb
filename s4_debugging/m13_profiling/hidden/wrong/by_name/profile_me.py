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
    profiles = stats.get_stats_profile().func_profiles
    rows = [(name, int(row.ncalls.split("/")[0]), row.cumtime) for name, row in profiles.items()]
    return sorted(rows, key=lambda row: row[2], reverse=True)[:n]
