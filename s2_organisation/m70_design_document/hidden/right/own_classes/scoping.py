"""Projects as objects, baselines as small models with fit and score."""

import statistics
from dataclasses import dataclass


@dataclass(frozen=True)
class Weighed:
    name: str
    gain: float
    rule: float | None
    possible: bool

    @property
    def worth_a_model(self) -> bool:
        if not self.possible or self.gain <= 0:
            return False
        return self.rule is None or self.rule < self.gain


def gain(project, years=3):
    total = -project["build"]
    for _ in range(years):
        total += project["chance"] * (project["value_per_year"] - project["running_per_year"])
        total -= project["chance"] * project["errors_per_year"] * project["cost_per_error"]
    return total


def rank(projects, years=3):
    ranking = []
    for project in projects:
        rule = project["rule_per_year"]
        one = Weighed(project["name"], gain(project, years), rule if rule is None else rule * years, project["data_usable"])
        if one.worth_a_model:
            place = sum(other.gain >= one.gain for other in ranking)
            ranking.insert(place, one)
    return [one.name for one in ranking]


class Accuracy:
    def fit(self, train):
        self.constant = statistics.mode(sorted(train))

    def score(self, test):
        return statistics.fmean(float(value == self.constant) for value in test)


class F1:
    def fit(self, train):
        self.constant = 1

    def score(self, test):
        hits = sum(value == 1 for value in test)
        alarms = len(test) - hits
        return 2 * hits / (2 * hits + alarms)


class AbsoluteError:
    def fit(self, train):
        self.constant = statistics.median(train)

    def score(self, test):
        return statistics.fmean(abs(value - self.constant) for value in test)


class SquaredError(AbsoluteError):
    def fit(self, train):
        self.constant = statistics.mean(train)

    def score(self, test):
        return statistics.fmean((value - self.constant) ** 2 for value in test) ** 0.5


MODELS = {"accuracy": Accuracy, "f1": F1, "mae": AbsoluteError, "rmse": SquaredError}


def baseline_value(metric, train, test):
    try:
        model = MODELS[metric]()
    except KeyError:
        raise ValueError(f"unknown metric {metric}") from None
    model.fit(train)
    return model.score(test)
