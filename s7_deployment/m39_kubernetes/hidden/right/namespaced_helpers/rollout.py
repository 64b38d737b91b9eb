import math


def resolve(limit, replicas, rounding):
    if isinstance(limit, str):
        return rounding(int(limit.replace("%", "")) * replicas / 100)
    return limit


def follow(old, ready, replicas, surge, unavailable):
    """The states after (old, ready), when all pods that there are have become ready."""
    if (old, ready) == (0, replicas):
        return []
    new = max(ready, min(replicas, replicas + surge - old))
    kept = max(0, min(old, replicas - unavailable - ready))
    states = []
    if new > ready:
        states.append((old, new))
    if kept < old:
        states.append((kept, new))
    return states + follow(kept, new, replicas, surge, unavailable)


def rollout_states(replicas, max_surge, max_unavailable):
    zeros = [limit in (0, "0%") for limit in (max_surge, max_unavailable)]
    if all(zeros):
        raise ValueError(f"max_surge={max_surge} and max_unavailable={max_unavailable}: one must be more than 0")
    surge = resolve(max_surge, replicas, math.ceil)
    unavailable = resolve(max_unavailable, replicas, math.floor)
    if not surge and not unavailable:
        unavailable = 1
    return [(replicas, 0), *follow(replicas, 0, replicas, surge, unavailable)]
