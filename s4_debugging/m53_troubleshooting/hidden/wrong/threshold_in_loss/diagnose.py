"""What is wrong with a training, by its curves?"""

import math
import statistics

from curves import Curves

LAST = 10  # epochs that stand for the end of a training
CLEARLY = 0.05


def clearly_above(higher: list[float], lower: list[float]) -> bool:
    """Whether one curve ends above the other by more than their difference jitters."""
    differences = [a - b for a, b in zip(higher[-LAST:], lower[-LAST:], strict=True)]
    return statistics.mean(differences) > CLEARLY


def diverged(curves: Curves) -> bool:
    if not all(math.isfinite(loss) for loss in curves.train):
        return True
    return clearly_above(curves.train, [curves.train[0]] * len(curves.train))


def diagnose(curves: Curves) -> set[str]:
    """Return what is found: "learning rate" alone, or any of "underfitting", "overfitting" and "drift", or nothing."""
    if diverged(curves):
        return {"learning rate"}
    found = set()
    if clearly_above(curves.train, [curves.goal] * len(curves.train)):
        found.add("underfitting")
    if clearly_above(curves.validation, curves.train):
        found.add("overfitting")
    if curves.production is not None and clearly_above(curves.production, curves.validation):
        found.add("drift")
    return found
