"""The horizontal pod autoscaler's sum, in fractions."""

from fractions import Fraction
from math import ceil


class Unknown(Exception):
    """A metric has no value to go by."""


def _one_metric(current, target, values, ready, tolerance):
    pods = list(zip(values, ready))
    judged = [Fraction(v) for v, r in pods if r and v is not None]
    if not judged:
        raise Unknown
    goal = Fraction(target)
    direction = sum(judged) - goal * len(judged)
    if direction > 0:
        judged.extend(Fraction(0) for v, r in pods if v is None or not r)
    elif direction < 0:
        judged.extend(goal for v, _ in pods if v is None)
    after = sum(judged) - goal * len(judged)
    if after * direction <= 0 or abs(after) <= Fraction(tolerance) * goal * len(judged):
        return current
    return ceil(sum(judged) / goal)


def desired_replicas(current, metrics, ready, low, high, tolerance=0.1):
    if current == 0:
        return current
    best, sure = None, True
    for target, values in metrics:
        try:
            one = _one_metric(current, target, values, ready, tolerance)
        except Unknown:
            sure = False
        else:
            best = one if best is None or one > best else best
    if best is None or (best < current and not sure):
        best = current
    return sorted((low, best, high))[1]
