"""The arithmetic of the horizontal pod autoscaler, without a division where one can multiply."""

from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal

Metric = tuple[float, Sequence[float | None]]  # the target, and the value of each pod: None where it is missing


class Tally:
    """One metric: the sum of the values, and of how many pods."""

    def __init__(self, metric: Metric, ready: Sequence[bool]) -> None:
        target, values = metric
        self.target = Decimal(repr(float(target)))
        self.sum, self.pods, self.silent, self.unready = Decimal(), 0, 0, 0
        for value, is_ready in zip(values, ready):
            if value is None:
                self.silent += 1
            elif not is_ready:
                self.unready += 1
            else:
                self.pods += 1
                self.sum += Decimal(repr(float(value)))

    def direction(self) -> int:
        aim = self.pods * self.target
        return (self.sum > aim) - (self.sum < aim)

    def wish(self, current: int, tolerance: Decimal) -> int | None:
        if self.pods == 0:
            return None
        first = self.direction()
        if first == 1:
            self.pods += self.silent + self.unready
        elif first == -1:
            self.pods += self.silent
            self.sum += self.silent * self.target
        aim = self.pods * self.target
        if self.direction() != first or abs(self.sum - aim) <= tolerance * aim:
            return current
        return int((self.sum / self.target).to_integral_value(ROUND_CEILING))


def desired_replicas(
    current: int, metrics: Sequence[Metric], ready: Sequence[bool], low: int, high: int, tolerance: float = 0.1
) -> int:
    if current == 0:
        return 0
    slack = Decimal(repr(float(tolerance)))
    wishes = [Tally(metric, ready).wish(current, slack) for metric in metrics]
    known = [wish for wish in wishes if wish is not None]
    if not known:
        result = current
    else:
        result = max(known)
        if len(known) < len(wishes) and result < current:
            result = current
    if result < low:
        return low
    return high if result > high else result
