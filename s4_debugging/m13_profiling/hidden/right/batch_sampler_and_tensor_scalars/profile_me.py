import cProfile
from pstats import SortKey, Stats
from typing import Any, Callable, List, NamedTuple, Tuple


def profile_fn(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Tuple[Any, Stats]:
    with cProfile.Profile(builtins=True) as watch:
        outcome = function(*args, **kwargs)
    return outcome, Stats(watch)


def top_functions(stats: Stats, n: int = 10) -> List[Tuple[str, int, float]]:
    stats = stats.sort_stats(SortKey.CUMULATIVE)
    rows = []
    for where in stats.fcn_list[:n]:
        _file, _line, name = where
        _primitive, calls, _own, cumulative, _callers = stats.stats[where]
        rows.append((name, int(calls), round(cumulative, 6)))
    return rows
