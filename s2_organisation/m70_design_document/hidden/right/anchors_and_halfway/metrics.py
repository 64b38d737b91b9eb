"""What decisions cost, and from which score on it is cheaper to say yes."""

import numpy as np


def expected_cost(costs, base_rate, probs, y, at) -> float:
    """Return what a case costs on average in use, when the decision is 1 for every score of at least `at`.

    Each case of the sample is weighed, so that the truths have the shares which they have in use.
    """
    truth = np.asarray(y).astype(int)
    decision = (np.asarray(probs, dtype=float) >= at).astype(int)
    weights = np.where(truth == 1, base_rate / truth.mean(), (1 - base_rate) / (1 - truth).mean())
    return float((np.asarray(costs, dtype=float)[truth, decision] * weights).mean())


def thresholds(probs):
    """One threshold for each thing that can be done: halfway between neighbours, and beyond both ends."""
    scores = np.unique(np.asarray(probs, dtype=float))
    middles = scores[:-1] / 2 + scores[1:] / 2
    middles = np.where(middles > scores[:-1], middles, scores[1:])
    return [float(scores[0]) - 1, *middles.tolist(), float(np.nextafter(scores[-1], np.inf))]


def threshold(costs, base_rate, probs, y) -> float:
    """Return a threshold with the smallest expected cost of all thresholds."""
    return min(thresholds(probs), key=lambda at: expected_cost(costs, base_rate, probs, y, at))
