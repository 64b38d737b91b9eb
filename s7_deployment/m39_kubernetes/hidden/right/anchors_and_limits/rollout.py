"""An update of a deployment as a generator of states."""

from fractions import Fraction
from itertools import groupby
from math import ceil, floor


def _share(limit, replicas):
    return Fraction(limit) if isinstance(limit, int) else Fraction(limit.strip("%")) * replicas / 100


def _moves(replicas, surge, unavailable):
    old, new, ready = replicas, 0, 0
    yield old, new
    while old or new < replicas:
        while new < replicas and old + new < replicas + surge:
            new += 1
        yield old, new
        while old and old - 1 + ready >= replicas - unavailable:
            old -= 1
        yield old, new
        ready = new


def rollout_states(replicas, max_surge, max_unavailable):
    if {max_surge, max_unavailable} <= {0, "0%"}:
        raise ValueError("at least one of max_surge and max_unavailable has to be more than zero")
    surge, unavailable = ceil(_share(max_surge, replicas)), floor(_share(max_unavailable, replicas))
    return [state for state, _ in groupby(_moves(replicas, surge, unavailable or int(not surge)))]
