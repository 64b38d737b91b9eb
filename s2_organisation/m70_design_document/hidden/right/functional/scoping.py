from collections import Counter
from functools import partial
from math import fsum
from operator import itemgetter


def gain(project, years=3):
    yearly = project["value_per_year"] - (
        project["running_per_year"] + project["errors_per_year"] * project["cost_per_error"]
    )
    return years * yearly * project["chance"] - project["build"]


def rank(projects, years=3):
    pairs = zip(map(partial(gain, years=years), projects), projects)
    needs_more = (pair for pair in pairs if pair[1]["data_usable"] and pair[0] > max(0, (pair[1]["rule_per_year"] or 0) * years))
    return [project["name"] for _, project in sorted(needs_more, key=itemgetter(0), reverse=True)]


def _mean(values):
    values = list(values)
    return fsum(values) / len(values)


def _median(values):
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


BASELINES = {
    "accuracy": lambda train, test: Counter(test)[max(sorted(set(train)), key=list(train).count)] / len(test),
    "f1": lambda train, test: (lambda share: 2 * share / (1 + share))(list(test).count(1) / len(test)),
    "mae": lambda train, test: _mean(abs(value - _median(train)) for value in test),
    "rmse": lambda train, test: _mean((value - _mean(train)) ** 2 for value in test) ** 0.5,
}


def baseline_value(metric, train, test):
    if metric not in BASELINES:
        raise ValueError(f"choose from {list(BASELINES)}")
    return BASELINES[metric](train, test)
