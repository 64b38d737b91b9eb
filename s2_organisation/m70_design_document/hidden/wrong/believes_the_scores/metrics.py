"""What decisions cost, and from which score on it is cheaper to say yes."""

import math
from collections.abc import Sequence

Costs = Sequence[Sequence[float]]  # costs[truth][decision], both 0 or 1: costs[1][0] is the cost of a miss


def expected_cost(costs: Costs, base_rate: float, probs: Sequence[float], y: Sequence[int], at: float) -> float:
    """Return what a case costs on average in use, when the decision is 1 for every score of at least `at`.

    `probs` are the scores and `y` the truths (0 or 1) of a sample that has both. In use, the share `base_rate` is 1.
    """
    total = 0.0
    for truth, weight in ((0, 1 - base_rate), (1, base_rate)):
        decisions = [int(prob >= at) for prob, label in zip(probs, y, strict=True) if label == truth]
        total += weight * sum(costs[truth][decision] for decision in decisions) / len(decisions)
    return total


def threshold(costs: Costs, base_rate: float, probs: Sequence[float], y: Sequence[int]) -> float:
    """Return a threshold with the smallest expected cost of all thresholds."""
    alarm, miss = costs[0][1] - costs[0][0], costs[1][0] - costs[1][1]
    return alarm / (alarm + miss)
