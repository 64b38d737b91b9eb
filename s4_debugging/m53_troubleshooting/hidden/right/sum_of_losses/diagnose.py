"""What is wrong with a training, by its curves?"""

import numpy as np
from curves import Curves

SETTLED = 10
CLEARLY = 2.0  # jitters: between the half that is nothing and the six that are something


def diagnose(curves: Curves) -> set[str]:
    """Return what is found: "learning rate" alone, or any of "underfitting", "overfitting" and "drift", or nothing."""
    train = np.array(curves.train, dtype=float)
    if not np.isfinite(train).all():
        return {"learning rate"}

    def above(upper: np.ndarray, lower: np.ndarray) -> bool:
        """Does the one end above the other? A single number is a curve without jitter."""
        upper, lower = upper[-SETTLED:], lower[-SETTLED:]
        size = max(np.abs(upper).max(), np.abs(lower).max())
        if size == 0:
            return False
        upper, lower = upper / size, lower / size
        return bool(upper.mean() - lower.mean() > CLEARLY * max(upper.std(), lower.std()))

    if above(train, train[:1]):
        return {"learning rate"}
    validation = np.array(curves.validation, dtype=float)
    found = set()
    if above(train, np.array([curves.goal], dtype=float)):
        found.add("underfitting")
    if above(validation, train):
        found.add("overfitting")
    if curves.production is not None and above(np.array(curves.production, dtype=float), validation):
        found.add("drift")
    return found
