"""Which projects are worth it, and what would do without a model?"""

from collections.abc import Sequence
from typing import Any

import numpy as np

Project = dict[str, Any]  # the keys are those of the skeleton's class


def gain(project: Project, years: int = 3) -> float:
    """Return what a project is expected to bring within some years, in euros."""
    p = project
    working = p["value_per_year"] - (p["running_per_year"] + p["errors_per_year"] * p["cost_per_error"])
    return p["chance"] * (working * years) - p["build"]


def rank(projects: Sequence[Project], years: int = 3) -> list[str]:
    """Return the names of the projects that are worth a model, best first."""
    table = []
    for place, project in enumerate(projects):
        rule = project["rule_per_year"]
        at_least = 0 if rule is None else max(0, rule * years)
        if project["data_usable"] and gain(project, years) > at_least:
            table.append((-gain(project, years), place, project["name"]))
    return [name for _, _, name in sorted(table)]


def baseline_value(metric: str, train: Sequence[float], test: Sequence[float]) -> float:
    """Return the score on `test` of the constant answer that suits `train` best."""
    learnt, truth = np.asarray(train), np.asarray(test)
    match metric:
        case "accuracy":
            labels, counts = np.unique(learnt, return_counts=True)  # sorted, and argmax takes the first
            return float(np.mean(truth == labels[counts.argmax()]))
        case "f1":
            precision = float(np.mean(truth == 1))
            return 2 * precision / (precision + 1)
        case "mae":
            return float(np.abs(truth - np.median(learnt)).mean())
        case "rmse":
            return float(np.sqrt(np.square(truth - learnt.mean()).mean()))
    raise ValueError(metric)
