"""Which projects are worth it, and what would do without a model?"""

import math
import statistics
from collections.abc import Callable, Sequence
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
    errors = project["errors_per_year"] * project["cost_per_error"]
    each_year = project["value_per_year"] - project["running_per_year"] - errors
    return years * each_year * project["chance"] - project["build"]


def needs_model(project: Project, years: int) -> bool:
    expected = gain(project, years)
    if not project["data_usable"] or expected <= 0:
        return False
    rule = project["rule_per_year"]
    return rule is None or years * rule < expected


def rank(projects: Sequence[Project], years: int = 3) -> list[str]:
    """Return the names of the projects that are worth a model, best first."""
    worth = filter(lambda project: needs_model(project, years), projects)
    return [project["name"] for project in sorted(worth, key=lambda project: gain(project, years), reverse=True)]


def accuracy(train: Sequence[float], test: Sequence[float]) -> float:
    guess = min(statistics.multimode(train))
    return sum(label == guess for label in test) / len(test)


def f1(train: Sequence[float], test: Sequence[float]) -> float:
    hits = sum(label == 1 for label in test)
    return 2 * hits / (len(test) + hits)


def mae(train: Sequence[float], test: Sequence[float]) -> float:
    guess = statistics.median(train)
    return math.fsum(abs(value - guess) for value in test) / len(test)


def rmse(train: Sequence[float], test: Sequence[float]) -> float:
    guess = math.fsum(train) / len(train)
    return math.sqrt(math.fsum((value - guess) ** 2 for value in test) / len(test))


METRICS: dict[str, Callable[[Sequence[float], Sequence[float]], float]] = {
    function.__name__: function for function in (accuracy, f1, mae, rmse)
}


def baseline_value(metric: str, train: Sequence[float], test: Sequence[float]) -> float:
    """Return the score on `test` of the constant answer that suits `train` best."""
    if metric not in METRICS:
        raise ValueError(f"{metric!r} is none of {', '.join(METRICS)}")
    return METRICS[metric](train, test)
