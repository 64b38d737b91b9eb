"""Judged by the median of the last eight epochs and by how much neighbouring epochs differ."""

from math import isfinite
from statistics import median


def end(losses):
    return median(losses[-8:])


def jitter(losses):
    last = losses[-9:]
    return sum(abs(b - a) for a, b in zip(last, last[1:])) / 8


def diagnose(curves):
    train, validation, production = curves.train, curves.validation, curves.production
    if any(not isfinite(loss) for loss in train) or end(train) - train[0] > 2 * jitter(train):
        return {"learning rate"}
    found = []
    if end(train) - curves.goal > 2 * jitter(train):
        found.append("underfitting")
    if end(validation) - end(train) > 2 * max(jitter(train), jitter(validation)):
        found.append("overfitting")
    if production and end(production) - end(validation) > 2 * max(jitter(production), jitter(validation)):
        found.append("drift")
    return set(found)
