import cProfile
import operator
import pstats


def profile_fn(function, *args, **kwargs):
    profiler = cProfile.Profile()
    profiler.enable()
    try:
        value = function(*args, **kwargs)
    finally:
        profiler.disable()
    stats = pstats.Stats(profiler)
    return value, stats


def top_functions(stats, n=10):
    stats.sort_stats(pstats.SortKey.CUMULATIVE)
    top = []
    for key in stats.fcn_list[:n]:
        _, calls, _, cumulative, _ = operator.getitem(stats.stats, key)
        top.append([key[2], calls, cumulative])
    return top
