import numpy as np


def _costs(costs, base_rate, probs, y, candidates):
    costs, probs, y = np.asarray(costs, dtype=float), np.asarray(probs, dtype=float), np.asarray(y)
    yes = (probs[None, :] >= np.asarray(candidates, dtype=float)[:, None]).astype(int)
    weights = np.where(y == 1, base_rate / (y == 1).sum(), (1 - base_rate) / (y == 0).sum())
    return (costs[y[None, :], yes] * weights).sum(axis=1)


def expected_cost(costs, base_rate, probs, y, at):
    return float(_costs(costs, base_rate, probs, y, [at])[0])


def threshold(costs, base_rate, probs, y):
    candidates = np.append(np.unique(probs), np.nextafter(max(probs), np.inf))
    return float(candidates[np.argmin(_costs(costs, base_rate, probs, y, candidates))])
