"""Evaluations of which it is known how often the two models agree, and how a difference of that kind is spread."""

import math
from statistics import NormalDist
from typing import Any

import numpy as np

CLASSES = ("cat", "dog", "fox")


def evaluation(rng: np.random.Generator, groups: dict[str, tuple[int, int, int]], **changed: Any) -> dict[str, Any]:
    """Make an `Evaluation` as a dict; by group: rows, rows only the challenger has right, rows only the champion has.

    Of the others four in five are right in both models. The rows are shuffled.
    """
    rows: list[tuple[str, str, str, str]] = []
    for group, (count, gained, lost) in groups.items():
        both_right = round(0.8 * (count - gained - lost))
        for index in range(count):
            label, *wrong = rng.permutation(CLASSES).tolist()
            right = (index >= gained, index < gained or index >= gained + lost)
            if index >= gained + lost + both_right:
                right = (False, False)
            champion = label if right[0] else wrong[0]
            challenger = label if right[1] else wrong[int(rng.integers(2))]
            rows.append((label, group, champion, challenger))
    labels, names, champion, challenger = zip(*(rows[index] for index in rng.permutation(len(rows))))
    columns = {"labels": labels, "groups": names, "champion": champion, "challenger": challenger}
    return {
        **{name: list(column) for name, column in columns.items()},
        "latency_ms": [20.0] * 50,
        "size_mb": 10.0,
        **changed,
    }


def policy(**changed: Any) -> dict[str, Any]:
    """Make a `Policy` as a dict, of which only what is changed can speak against a model."""
    return {"margin": 1.0, "slice_margin": 1.0, "max_latency_ms": 100.0, "max_size_mb": 100.0, **changed}


def interval(rows: int, gained: int, lost: int, confidence: float) -> tuple[float, float]:
    """Return where the paired difference lies; a bootstrap's interval is close to it for some tens of such rows."""
    mean = (gained - lost) / rows
    deviation = math.sqrt(((gained + lost) / rows - mean**2) / rows)
    half = NormalDist().inv_cdf((1 + confidence) / 2) * deviation
    return mean - half, mean + half
