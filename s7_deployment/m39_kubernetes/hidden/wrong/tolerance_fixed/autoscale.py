"""How many pods should there be? The arithmetic of the horizontal pod autoscaler."""

import math
from collections.abc import Sequence

Metric = tuple[float, Sequence[float | None]]  # the target, and the value of each pod: None where it is missing


def desired_replicas(
    current: int, metrics: Sequence[Metric], ready: Sequence[bool], low: int, high: int, tolerance: float = 0.1
) -> int:
    """Return the number of pods that the autoscaler would ask for, within `low` and `high`.

    There are `current` pods: `ready` and the values of each metric have one entry for each, in the same order.
    """
    if current == 0:
        return 0
    wishes = [_wish(current, target, values, ready, tolerance) for target, values in metrics]
    known = [wish for wish in wishes if wish is not None]
    wanted = max(known, default=current)
    if len(known) < len(wishes):
        wanted = max(wanted, current)  # what is not known might need them all
    return min(max(wanted, low), high)


def _wish(
    current: int, target: float, values: Sequence[float | None], ready: Sequence[bool], tolerance: float
) -> int | None:
    """The number of pods that one metric asks for; None where no pod has a value to go by."""
    counted = [value for value, is_ready in zip(values, ready) if is_ready and value is not None]
    if not counted:
        return None
    missing = sum(value is None for value in values)
    first = sum(counted) / len(counted) / target
    if first > 1:
        counted += [0.0] * (len(values) - len(counted))
    elif first < 1:
        counted += [target] * missing
    ratio = sum(counted) / len(counted) / target
    turned = (ratio > 1) != (first > 1)
    if turned or abs(ratio - 1) <= 0.1:
        return current
    return math.ceil(ratio * len(counted))
