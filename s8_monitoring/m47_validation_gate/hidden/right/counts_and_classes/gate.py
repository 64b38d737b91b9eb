from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from schema import Counts, Decision, Evaluation, Policy


@dataclass(frozen=True)
class Comparison:
    """How often only one of the two models is right: all that a paired difference depends on."""

    won: int
    lost: int
    rows: int

    @classmethod
    def of(cls, pairs: list[tuple[bool, bool]]) -> Comparison:
        counted = Counter(pairs)
        return cls(counted[False, True], counted[True, False], len(pairs))

    @property
    def difference(self) -> float:
        return self.won / self.rows - self.lost / self.rows

    def interval(self, confidence: float, draws: int = 20_000) -> tuple[float, float]:
        # Rows drawn with replacement are a multinomial draw of the three kinds of rows.
        shares = np.array([self.won, self.lost, self.rows - self.won - self.lost]) / self.rows
        drawn = np.random.Generator(np.random.Philox(7)).multinomial(self.rows, shares, size=draws)
        means = (drawn[:, 0] - drawn[:, 1]) / self.rows
        upper, lower = np.percentile(means, [50 + 50 * confidence, 50 - 50 * confidence])
        return 2 * self.difference - float(upper), 2 * self.difference - float(lower)  # the "basic" interval


class Gate:
    def __init__(self, evaluation: Evaluation, policy: Policy) -> None:
        self.evaluation, self.policy = evaluation, policy
        triples = zip(evaluation.labels, evaluation.champion, evaluation.challenger, strict=True)
        pairs = [(old == label, new == label) for label, old, new in triples]
        if not pairs:
            raise ValueError("an evaluation without rows")
        self.overall = Comparison.of(pairs)
        self.groups: dict[str, list[tuple[bool, bool]]] = {}
        for group, pair in zip(evaluation.groups, pairs, strict=True):
            self.groups.setdefault(group, []).append(pair)
        self.interval = self.overall.interval(policy.confidence)
        large = (group for group, members in self.groups.items() if len(members) >= policy.min_slice)
        self.slices = {group: Comparison.of(self.groups[group]).difference for group in large}

    def reasons(self) -> Iterator[str]:
        policy, evaluation = self.policy, self.evaluation
        if not self.interval[0] >= -policy.margin:
            yield "accuracy"
        for group, difference in self.slices.items():
            if -difference > policy.slice_margin:
                yield f"slice:{group}"
        yield from (f"unmeasured:{group}" for group in {*policy.required_groups}.difference(self.slices))
        if (
            not evaluation.latency_ms
            or np.quantile(evaluation.latency_ms, 0.95, method="lower") > policy.max_latency_ms
        ):
            yield "latency"
        if evaluation.size_mb is None or not evaluation.size_mb <= policy.max_size_mb:
            yield "size"

    def decision(self) -> Decision:
        reasons = list(self.reasons())
        return Decision(
            approved=not reasons,
            difference=self.overall.difference,
            interval=self.interval,
            slices=self.slices,
            reasons=reasons,
        )


def decide(evaluation: Evaluation, policy: Policy) -> Decision:
    return Gate(evaluation, policy).decision()


def adjusted_difference(champion: dict[str, Counts], challenger: dict[str, Counts]) -> float:
    groups = sorted(champion)
    if not groups or groups != sorted(challenger):
        raise ValueError(f"reports on {groups} and {sorted(challenger)}")
    old = np.array([(champion[group].right, champion[group].rows) for group in groups], dtype=float).T
    new = np.array([(challenger[group].right, challenger[group].rows) for group in groups], dtype=float).T
    weights = (old[1] + new[1]) / (old[1] + new[1]).sum()
    return float(weights @ (new[0] / new[1] - old[0] / old[1]))
