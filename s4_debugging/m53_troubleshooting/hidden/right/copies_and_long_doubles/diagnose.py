"""What is wrong with a training, by its curves?"""

import math
import statistics
from dataclasses import dataclass

from curves import Curves


@dataclass
class End:
    """Where a curve ends, and how much it jitters there. `statistics` calculates exactly, with numbers of any size."""

    level: float
    jitter: float = 0.0

    @classmethod
    def of(cls, losses: list[float]) -> "End":
        tail = [float(loss) for loss in losses[-10:]]
        if not all(map(math.isfinite, tail)):
            return cls(math.inf)
        return cls(statistics.mean(tail), statistics.stdev(tail))

    def __gt__(self, other: "End") -> bool:
        return self.level - other.level > 3 * max(self.jitter, other.jitter)


def diagnose(curves: Curves) -> set[str]:
    """Return what is found: "learning rate" alone, or any of "underfitting", "overfitting" and "drift", or nothing."""
    if any(map(lambda loss: not math.isfinite(loss), curves.train)):
        return {"learning rate"}
    train, validation = End.of(curves.train), End.of(curves.validation)
    if train > End(curves.train[0]):
        return {"learning rate"}
    questions = {
        "drift": curves.production is not None and End.of(curves.production) > validation,
        "overfitting": validation > train,
        "underfitting": train > End(curves.goal),
    }
    return {finding for finding in questions if questions[finding]}
