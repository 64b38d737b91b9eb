"""Which projects are worth it, and what would do without a model?"""

from collections.abc import Sequence
from typing import TypedDict


class Project(TypedDict):
    """What is known of a project before it begins. Money is in euros."""

    name: str
    value_per_year: float  # what it brings if it works
    running_per_year: float
    errors_per_year: float  # that it makes if it works
    cost_per_error: float
    build: float  # once, whether or not it works
    chance: float  # that it works, 0 to 1
    data_usable: bool  # there are data, and they may be used
    rule_per_year: float | None  # what a simple rule brings, all costs taken off; None where nobody knows one


def gain(project: Project, years: int = 3) -> float:
    """Return what a project is expected to bring within some years, in euros."""
    raise NotImplementedError("TODO: weigh value and costs")


def rank(projects: Sequence[Project], years: int = 3) -> list[str]:
    """Return the names of the projects that are worth a model, best first."""
    raise NotImplementedError("TODO: leave out what is not worth it, order the rest")


def baseline_value(metric: str, train: Sequence[float], test: Sequence[float]) -> float:
    """Return the score on `test` of the constant answer that suits `train` best.

    `metric` is accuracy, f1, mae or rmse; raises ValueError for another.
    """
    raise NotImplementedError("TODO: find the constant, score it")
