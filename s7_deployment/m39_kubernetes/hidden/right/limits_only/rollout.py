"""What happens during an update: how many pods of the old and of the new version there are, move by move."""

from collections.abc import Iterator


def _pods(limit: int | str, replicas: int, up: bool) -> int:
    if isinstance(limit, int):
        return limit
    hundredths = int(limit.removesuffix("%")) * replicas
    return -(-hundredths // 100) if up else hundredths // 100


def _written_as_zero(limit: int | str) -> bool:
    return int(str(limit).removesuffix("%")) == 0


def _moves(replicas: int, surge: int, unavailable: int) -> Iterator[tuple[int, int]]:
    old, new = replicas, 0
    yield old, new
    while old or new < replicas:
        ready = old + new  # the new ones of rounds before
        if (started := min(replicas - new, replicas + surge - old - new)) > 0:
            new += started
            yield old, new
        if (stopped := min(old, ready - (replicas - unavailable))) > 0:
            old -= stopped
            yield old, new


def rollout_states(replicas: int, max_surge: int | str, max_unavailable: int | str) -> list[tuple[int, int]]:
    if _written_as_zero(max_surge) and _written_as_zero(max_unavailable):
        raise ValueError("with neither more nor fewer pods nothing can be replaced")
    surge, unavailable = _pods(max_surge, replicas, up=True), _pods(max_unavailable, replicas, up=False)
    return list(_moves(replicas, surge, unavailable if surge or unavailable else 1))
