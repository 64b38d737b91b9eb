"""What decisions cost, and from which score on it is cheaper to say yes."""

import math
from collections.abc import Sequence

Costs = Sequence[Sequence[float]]  # costs[truth][decision], both 0 or 1: costs[1][0] is the cost of a miss


def expected_cost(costs: Costs, base_rate: float, probs: Sequence[float], y: Sequence[int], at: float) -> float:
    """Return what a case costs on average in use, when the decision is 1 for every score of at least `at`."""
    total = 0.0
    for truth, share in ((0, 1 - base_rate), (1, base_rate)):
        scores = [prob for prob, label in zip(probs, y, strict=True) if label == truth]
        yes = sum(score >= at for score in scores) / len(scores)
        total += share * (yes * costs[truth][1] + (1 - yes) * costs[truth][0])
    return total


def threshold(costs: Costs, base_rate: float, probs: Sequence[float], y: Sequence[int]) -> float:
    """Return a threshold with the smallest expected cost of all thresholds.

    In one pass from above: first nobody is told yes, then with each score those who have it.
    """
    sizes = [sum(label == truth for label in y) for truth in (0, 1)]
    change = [
        share * (costs[truth][1] - costs[truth][0]) / sizes[truth]
        for truth, share in ((0, 1 - base_rate), (1, base_rate))
    ]
    cases = sorted(zip(probs, y, strict=True), key=lambda case: case[0], reverse=True)
    best, best_cost, terms = math.inf, 0.0, [0, 0]
    for place, (score, truth) in enumerate(cases):
        terms[truth] += 1
        if place + 1 < len(cases) and cases[place + 1][0] == score:
            continue  # equal scores are decided alike
        cost = terms[0] * change[0] + terms[1] * change[1]
        if cost < best_cost:
            best, best_cost = float(score), cost
    return best
