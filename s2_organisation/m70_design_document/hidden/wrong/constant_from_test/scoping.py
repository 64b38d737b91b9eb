"""Which projects are worth it, and what would do without a model?"""

import math
import statistics
from collections import Counter
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
    errors = project["errors_per_year"] * project["cost_per_error"]
    each_year = project["value_per_year"] - project["running_per_year"] - errors
    return project["chance"] * years * each_year - project["build"]


def rank(projects: Sequence[Project], years: int = 3) -> list[str]:
    """Return the names of the projects that are worth a model, best first."""
    worth = [project for project in projects if _wants_a_model(project, years)]
    return [project["name"] for project in sorted(worth, key=lambda project: -gain(project, years))]


def _wants_a_model(project: Project, years: int) -> bool:
    rule = project["rule_per_year"]
    expected = gain(project, years)
    return project["data_usable"] and expected > 0 and (rule is None or expected > years * rule)


def baseline_value(metric: str, train: Sequence[float], test: Sequence[float]) -> float:
    """Return the score on `test` of the constant answer that suits `train` best.

    `metric` is accuracy, f1, mae or rmse; raises ValueError for another.
    """
    if metric == "accuracy":
        counts = Counter(test)
        usual = min(counts, key=lambda label: (-counts[label], label))
        return sum(label == usual for label in test) / len(test)
    if metric == "f1":
        positive = sum(label == 1 for label in test)
        return 2 * positive / (len(test) + positive)
    if metric == "mae":
        middle = statistics.median(test)
        return statistics.fmean(abs(value - middle) for value in test)
    if metric == "rmse":
        mean = statistics.fmean(test)
        return math.sqrt(statistics.fmean((value - mean) ** 2 for value in test))
    raise ValueError(f"{metric!r} is none of accuracy, f1, mae, rmse")
