"""The larger of two jitters, three times."""

import numpy as np


def above(a, b):
    a, b = np.array(a[-10:]), np.array(b[-10:])
    return a.mean() - b.mean() > 3 * max(a.std(), b.std())


def diagnose(curves):
    start = [curves.train[0]] * 10
    if not np.isfinite(curves.train).all() or above(curves.train, start):
        return {"learning rate"}
    tests = {
        "underfitting": (curves.train, [curves.goal] * 10),
        "overfitting": (curves.validation, curves.train),
        "drift": (curves.production, curves.validation),
    }
    return {name for name, (a, b) in tests.items() if a is not None and above(a, b)}
