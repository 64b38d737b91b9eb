"""How many pods should there be? Counted in fractions, so that no rounding error makes a pod."""

import math
from collections.abc import Sequence
from fractions import Fraction

Metric = tuple[float, Sequence[float | None]]


def _exact(number: float) -> Fraction:
    """The number as it is written: 0.1 is one tenth."""
    return Fraction(str(number))


def _wish(metric: Metric, ready: Sequence[bool], tolerance: Fraction) -> int | None:
    """What one metric wants; None if it is unknown."""
    target, current = _exact(metric[0]), len(ready)
    values = [None if value is None else _exact(value) for value in metric[1]]
    counted = [value for value, is_ready in zip(values, ready, strict=True) if is_ready and value is not None]
    if not counted:
        return None
    ratio = sum(counted) / (len(counted) * target)
    if ratio > 1:
        up = True
        counted += [Fraction(0)] * (current - len(counted))
    elif ratio < 1:
        up = False
        counted += [target] * values.count(None)
    else:
        return current
    ratio = sum(counted) / (len(counted) * target)
    if abs(ratio - 1) <= tolerance or (ratio > 1) is not up:
        return current
    return math.ceil(ratio * len(counted))


def desired_replicas(
    current: int, metrics: Sequence[Metric], ready: Sequence[bool], low: int, high: int, tolerance: float = 0.1
) -> int:
    if not current:
        return 0
    wishes = [_wish(metric, ready, _exact(tolerance)) for metric in metrics]
    # who does not know wants no fewer than there are, and has no say in more
    wanted = max((current if wish is None else wish for wish in wishes), default=current)
    return sorted((low, wanted, high))[1]
