"""The gate, counted in wins and losses: a row is won (+1), lost (-1) or drawn (0) by the challenger."""

import math

import numpy as np

from schema import Counts, Decision, Evaluation, Policy

RESAMPLES = 20_000
OUTCOMES = np.array([-1, 0, 1])


def _outcomes(e: Evaluation) -> np.ndarray:
    return np.fromiter(
        ((new == truth) - (old == truth) for truth, old, new in zip(e.labels, e.champion, e.challenger, strict=True)),
        dtype=np.int64,
        count=len(e.labels),
    )


def _interval(outcomes: np.ndarray, confidence: float) -> tuple[float, float]:
    # drawing n rows with replacement, each with both its predictions, is one draw from a multinomial over -1, 0 and +1
    n = outcomes.size
    shares = np.array([(outcomes == o).sum() for o in OUTCOMES]) / n
    drawn = np.random.Generator(np.random.Philox(2024)).multinomial(n, shares, size=RESAMPLES)
    means = drawn @ OUTCOMES / n
    tail = (1 - confidence) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return float(low), float(high)


def decide(evaluation: Evaluation, policy: Policy) -> Decision:
    sizes = {len(evaluation.labels), len(evaluation.groups), len(evaluation.champion), len(evaluation.challenger)}
    if len(sizes) > 1:
        raise ValueError("labels, groups and predictions are not of one length")
    if sizes == {0}:
        raise ValueError("nothing was evaluated")

    outcomes = _outcomes(evaluation)
    groups = np.array(evaluation.groups, dtype=object)
    difference = int(outcomes.sum()) / outcomes.size
    interval = _interval(outcomes, policy.confidence)

    slices: dict[str, float] = {}
    for group in sorted(set(evaluation.groups), reverse=True):
        of_group = outcomes[groups == group]
        if of_group.size >= policy.min_slice:
            slices[group] = int(of_group.sum()) / of_group.size

    against: set[str] = set()
    if evaluation.size_mb is None or evaluation.size_mb > policy.max_size_mb:
        against.add("size")
    # nearest rank: the smallest time that 95 % of the requests do not exceed
    pace = sorted(evaluation.latency_ms)
    if not pace or pace[math.ceil(len(pace) * 95 / 100) - 1] > policy.max_latency_ms:
        against.add("latency")
    against |= {f"unmeasured:{group}" for group in policy.required_groups if group not in slices}
    against |= {f"slice:{group}" for group, d in slices.items() if d < -policy.slice_margin}
    if interval[0] < -policy.margin:
        against.add("accuracy")

    return Decision(
        approved=not against,
        difference=difference,
        interval=interval,
        slices=slices,
        reasons=sorted(against, reverse=True),
    )


def adjusted_difference(champion: dict[str, Counts], challenger: dict[str, Counts]) -> float:
    if not champion or champion.keys() ^ challenger.keys():
        raise ValueError("the reports need the same groups, and at least one")
    names = list(champion)
    old = np.array([(champion[n].right, champion[n].rows) for n in names], dtype=float)
    new = np.array([(challenger[n].right, challenger[n].rows) for n in names], dtype=float)
    return float(np.average(new[:, 0] / new[:, 1] - old[:, 0] / old[:, 1], weights=old[:, 1] + new[:, 1]))
