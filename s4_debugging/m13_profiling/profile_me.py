"""Where does the time go? cProfile counts and clocks every call of a Python function."""

import pstats
from collections.abc import Callable
from typing import Any


def profile_fn(function: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[Any, pstats.Stats]:
    """Call `function(*args, **kwargs)` under cProfile; return what it returned, and the statistics.

    Exceptions of the function pass through. Profiling ends with the call, whichever way the call ends.
    """
    raise NotImplementedError("TODO: profile one call")


def top_functions(stats: pstats.Stats, n: int = 10) -> list[tuple[str, int, float]]:
    """Return name, calls and cumulative time of the n functions with the largest cumulative time, largest first.

    The name is the function's alone, without its file. Calls include recursive ones. Times are in seconds.
    """
    raise NotImplementedError("TODO: rank the functions")
