import numpy as np


def desired_replicas(current, metrics, ready, low, high, tolerance=0.1):
    if not current:
        return 0
    up = np.array(ready, dtype=bool)
    wishes = np.array([wish(current, target, np.array(values, dtype=float), up, tolerance) for target, values in metrics])
    unknown = np.isnan(wishes)
    best = current if unknown.all() else int(np.nanmax(wishes))
    if unknown.any() and best < current:
        best = current
    return int(np.clip(best, low, high))


def wish(current, target, values, up, tolerance):
    gap = np.isnan(values)
    good = up & ~gap
    if not good.any():
        return np.nan
    mean = values[good].mean()
    filled = values.copy()
    if mean > target:
        filled[~good] = 0
        counts = np.ones_like(good)
    else:
        filled[gap] = target
        counts = good | gap
    after = filled[counts].mean()
    if np.sign(after - target) != np.sign(mean - target) or abs(after / target - 1) <= tolerance:
        return current
    return np.ceil(after / target * counts.sum())
