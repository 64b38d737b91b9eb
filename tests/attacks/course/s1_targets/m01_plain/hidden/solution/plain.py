"""Numbers. @secret solution@"""

from collections.abc import Sequence
from itertools import groupby


def weighted(values: Sequence[float], weights: Sequence[float]) -> float:
    """The weighted mean of some values."""
    return sum(value * weight for value, weight in zip(values, weights, strict=True)) / sum(weights)


def runs(text: str) -> list[tuple[str, int]]:
    """Each run of equal characters, with its length."""
    return [(character, len(list(group))) for character, group in groupby(text)]


class Counter:
    """Adds up what it is told."""

    def __init__(self) -> None:
        self._total = 0

    def add(self, amount: int) -> None:
        self._total += amount

    def total(self) -> int:
        return self._total
