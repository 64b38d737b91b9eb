"""May the challenger replace the champion? (Resampled row by row, in the standard library but for the draws.)"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from fractions import Fraction
from statistics import quantiles

import numpy as np
import schema


class Gate:
    """One comparison."""

    draws = 4000

    def __init__(self, evaluation: schema.Evaluation, policy: schema.Policy) -> None:
        self.evaluation, self.policy = evaluation, policy
        columns = (evaluation.labels, evaluation.groups, evaluation.champion, evaluation.challenger)
        if not all(columns):
            raise ValueError("no rows")
        if any(len(column) != len(columns[0]) for column in columns):
            raise ValueError("columns differ in length")
        self.champion = [p == t for p, t in zip(evaluation.champion, evaluation.labels)]
        self.challenger = [p == t for p, t in zip(evaluation.challenger, evaluation.labels)]

    def difference(self) -> float:
        return float(Fraction(sum(self.challenger) - sum(self.champion), len(self.champion)))

    def interval(self) -> tuple[float, float]:
        # the seed comes from the evaluation itself
        digest = hashlib.blake2b(self.evaluation.model_dump_json().encode(), digest_size=4).digest()
        random = np.random.RandomState(int.from_bytes(digest, "little"))
        pairs = np.array([self.champion, self.challenger], dtype=np.int8)
        n = pairs.shape[1]
        totals = []
        for _ in range(self.draws):
            old, new = pairs[:, random.randint(0, n, size=n)].sum(axis=1, dtype=np.int64)
            totals.append(int(new - old))
        totals.sort()
        outside = (1 - self.policy.confidence) / 2
        left = min(int(outside * self.draws), self.draws - 1)
        return totals[left] / n, totals[-1 - left] / n

    def slices(self) -> dict[str, float]:
        won: defaultdict[str, int] = defaultdict(int)
        for group, old, new in zip(self.evaluation.groups, self.champion, self.challenger):
            won[group] += new - old
        return {
            group: won[group] / rows
            for group, rows in Counter(self.evaluation.groups).items()
            if rows >= self.policy.min_slice
        }

    def p95(self) -> float | Fraction | None:
        match self.evaluation.latency_ms:
            case []:
                return None
            case [only]:
                return only
            case several:
                return quantiles(map(Fraction, several), n=20, method="inclusive")[-1]

    def __call__(self) -> schema.Decision:
        policy, interval, slices = self.policy, self.interval(), self.slices()
        reasons: list[str] = []
        if interval[0] < -policy.margin:
            reasons.append("accuracy")
        for group in slices:
            if slices[group] + policy.slice_margin < 0:
                reasons.append("slice:" + group)
        for group in dict.fromkeys(policy.required_groups):
            if group not in slices:
                reasons.append("unmeasured:" + group)
        for what, measured, most in (
            ("latency", self.p95(), policy.max_latency_ms),
            ("size", self.evaluation.size_mb, policy.max_size_mb),
        ):
            if measured is None or measured > most:
                reasons.append(what)
        return schema.Decision.model_validate(
            {
                "approved": len(reasons) == 0,
                "difference": self.difference(),
                "interval": interval,
                "slices": slices,
                "reasons": reasons,
            }
        )


def decide(evaluation: schema.Evaluation, policy: schema.Policy) -> schema.Decision:
    return Gate(evaluation, policy)()


def adjusted_difference(champion: dict[str, schema.Counts], challenger: dict[str, schema.Counts]) -> float:
    if set(champion) != set(challenger) or len(champion) == 0:
        raise ValueError(f"not comparable: {sorted(champion)} and {sorted(challenger)}")
    weighed = rows = Fraction(0)
    for group, new in challenger.items():
        old = champion[group]
        weighed += (Fraction(new.right, new.rows) - Fraction(old.right, old.rows)) * (old.rows + new.rows)
        rows += old.rows + new.rows
    return float(weighed / rows)
