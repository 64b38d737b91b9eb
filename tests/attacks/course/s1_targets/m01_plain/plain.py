"""Numbers."""

from collections.abc import Sequence


def weighted(values: Sequence[float], weights: Sequence[float]) -> float:
    """The weighted mean of some values."""
    raise NotImplementedError("TODO: the weighted mean")


def runs(text: str) -> list[tuple[str, int]]:
    """Each run of equal characters, with its length."""
    raise NotImplementedError("TODO: the runs")


class Counter:
    """Adds up what it is told."""

    def add(self, amount: int) -> None:
        raise NotImplementedError("TODO: remember the amount")

    def total(self) -> int:
        raise NotImplementedError("TODO: the sum so far")
