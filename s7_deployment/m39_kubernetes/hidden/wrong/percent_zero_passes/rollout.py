"""What happens during an update: how many pods of the old and of the new version there are, move by move."""

ZERO = (0,)


def rollout_states(replicas: int, max_surge: int | str, max_unavailable: int | str) -> list[tuple[int, int]]:
    """Return (old, new) at the beginning and after each move that changes something, until all pods are new.

    The limits are numbers of pods, or texts such as "25%". Raises ValueError if both are written as zero.
    """
    if max_surge in ZERO and max_unavailable in ZERO:
        raise ValueError("max_surge and max_unavailable are both zero: no pod could ever be replaced")
    surge = -(-_hundredths(max_surge, replicas) // 100)
    unavailable = _hundredths(max_unavailable, replicas) // 100
    if surge == unavailable == 0:
        unavailable = 1
    old, ready = replicas, 0
    states = [(old, ready)]
    while old > 0 or ready < replicas:
        new = min(replicas, replicas + surge - old)
        states.append((old, new))
        old = max(0, min(old, replicas - unavailable - ready))
        states.append((old, new))
        ready = new
    return [state for place, state in enumerate(states) if place == 0 or state != states[place - 1]]


def _hundredths(limit: int | str, replicas: int) -> int:
    """A limit in hundredths of a pod, so that nothing is rounded yet."""
    return int(limit.removesuffix("%")) * replicas if isinstance(limit, str) else limit * 100
