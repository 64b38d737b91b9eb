"""May the challenger replace the champion? Compared on the same rows, with reasons for a no."""

import numpy as np
from numpy.typing import NDArray
from schema import Counts, Decision, Evaluation, Policy

DRAWS = 2000


def decide(evaluation: Evaluation, policy: Policy) -> Decision:
    """Compare both models row by row, check every rule of the policy, and list all that speaks against the challenger.

    Raises:
        ValueError: labels, groups and predictions differ in length, or there are no rows.
    """
    gain, groups = _gain(evaluation), np.array(evaluation.groups)
    interval = _interval(gain, policy.confidence)
    members = {name: groups == name for name in {*evaluation.groups, *policy.required_groups}}
    large = {name: rows for name, rows in members.items() if rows.sum() >= policy.min_slice}
    slices = {str(name): float(gain[rows].mean()) for name, rows in large.items()}
    reasons = ["accuracy"] if interval[0] < -policy.margin else []
    reasons += [f"slice:{name}" for name, difference in slices.items() if difference < -policy.slice_margin]
    reasons += [f"unmeasured:{name}" for name in sorted({*policy.required_groups} & {*evaluation.groups} - slices.keys())]
    if not evaluation.latency_ms or np.percentile(evaluation.latency_ms, 95) > policy.max_latency_ms:
        reasons.append("latency")
    if evaluation.size_mb is None or evaluation.size_mb > policy.max_size_mb:
        reasons.append("size")
    return Decision(
        approved=not reasons, difference=float(gain.mean()), interval=interval, slices=slices, reasons=reasons
    )


def _gain(evaluation: Evaluation) -> NDArray[np.float64]:
    """Return 1 for each row that only the challenger has right, -1 for each that only the champion has, 0 elsewhere."""
    columns = (evaluation.labels, evaluation.groups, evaluation.champion, evaluation.challenger)
    sizes = {len(column) for column in columns}
    if len(sizes) != 1 or sizes == {0}:
        raise ValueError(f"labels, groups and predictions need the same length, and rows; they have {sizes}")
    labels = np.array(evaluation.labels)
    champion, challenger = (np.array(predicted) == labels for predicted in columns[2:])
    return challenger.astype(float) - champion.astype(float)


def _interval(gain: NDArray[np.float64], confidence: float) -> tuple[float, float]:
    """Return the percentile interval of the mean; the seed is fixed, so that a decision can be repeated."""
    drawn = np.random.default_rng(0).integers(len(gain), size=(DRAWS, len(gain)))
    rest = (1 - confidence) / 2
    low, high = np.quantile(gain[drawn].mean(axis=1), [rest, 1 - rest])
    return float(low), float(high)


def adjusted_difference(champion: dict[str, Counts], challenger: dict[str, Counts]) -> float:
    """Return the difference in accuracy, challenger less champion, of two reports on different rows.

    The difference within each group weighs as much as the group has of the rows of both reports together.

    Raises:
        ValueError: the reports have other groups, or none.
    """
    if champion.keys() != challenger.keys() or not champion:
        raise ValueError(f"the reports need the same groups: {sorted(champion)} and {sorted(challenger)}")
    weighed, rows = 0.0, 0
    for group, old in champion.items():
        new = challenger[group]
        weighed += (old.rows + new.rows) * (new.right / new.rows - old.right / old.rows)
        rows += old.rows + new.rows
    return weighed / rows
