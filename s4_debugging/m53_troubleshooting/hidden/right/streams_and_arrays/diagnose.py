"""How many of its errors a difference is away from nothing."""

import numpy as np

LINES = ("learning rate", "underfitting", "overfitting", "drift")


def diagnose(curves):
    train = np.asarray(curves.train, dtype=float)
    if not np.all(np.isfinite(train)):
        return set(LINES[:1])
    validation = np.asarray(curves.validation, dtype=float)
    production = validation if curves.production is None else np.asarray(curves.production, dtype=float)
    lower = [np.full_like(train, train[0]), np.full_like(train, curves.goal), train, validation]
    differences = np.array([train, train, validation, production])[:, -10:] - np.array(lower)[:, -10:]
    spread = differences.std(axis=1, ddof=1)
    found = [name for name, mean, s in zip(LINES, differences.mean(axis=1), spread) if mean > 2 * s]
    return {"learning rate"} if "learning rate" in found else set(found)
