from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from enum import Enum


class Way(Enum):
    UP = 1
    NONE = 0
    DOWN = -1

    @classmethod
    def of(cls, ratio: float) -> Way:
        return cls((ratio > 1) - (ratio < 1))


def mean(numbers: Iterable[float]) -> float:
    total, count = 0.0, 0
    for number in numbers:
        total, count = total + number, count + 1
    return total / count


def stand_ins(way: Way, target: float, values: Sequence[float | None], ready: Sequence[bool]) -> list[float]:
    """What the pods that were set aside count as."""
    missing = [index for index, value in enumerate(values) if value is None]
    unready = [index for index, up in enumerate(ready) if not up and index not in missing]
    if way is Way.UP:
        return [0.0 for _ in missing + unready]
    return [target for _ in missing]


def wish(current: int, target: float, values: Sequence[float | None], ready: Sequence[bool], tolerance: float) -> int:
    judged = [value for index, value in enumerate(values) if value is not None and ready[index]]
    way = Way.of(mean(judged) / target)  # ZeroDivisionError: nobody to judge by
    judged = judged + stand_ins(way, target, values, ready)
    ratio = mean(judged) / target
    if Way.of(ratio) is not way or 1 - tolerance <= ratio <= 1 + tolerance:
        return current
    return math.ceil(ratio * len(judged))


def desired_replicas(current, metrics, ready, low, high, tolerance=0.1):
    if current == 0:
        return 0
    wishes = []
    floor = -math.inf
    for target, values in metrics:
        try:
            wishes.append(wish(current, target, values, ready, tolerance))
        except ZeroDivisionError:
            floor = current
    wanted = max([floor, *wishes])
    return max(low, min(high, int(wanted)))
