"""How good were the answers?"""

from collections.abc import Sequence


def accuracy(predictions: Sequence[int], targets: Sequence[int]) -> float:
    """The fraction of predictions that are right; both sequences have the same length, at least 1."""
    if len(predictions) != len(targets) or not targets:
        raise ValueError("predictions and targets must be as many, and at least one")
    return sum(p == t for p, t in zip(predictions, targets, strict=True)) / len(targets)
