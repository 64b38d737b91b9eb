"""Points for the platforms that want numbers: which rows count, and the same weights in whole numbers.

What counts is what the result rests on: the required checks of the core modules (of all modules where no core one was
graded). So full points and PASSED are the same thing. Extra checks and optional modules neither give nor cost points.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from mlops_grade.reports.text import one_line
from mlops_grade.verdict import Check, ModuleVerdict, Outcome, Report

FINEST_WEIGHT = 100  # weights are taken to a hundredth


@dataclass(frozen=True)
class Row:
    """What points are given for: a required check, or a module as a whole where it has none to count."""

    module: ModuleVerdict
    check: Check | None
    max_points: float

    @property
    def outcome(self) -> Outcome:
        return self.check.outcome if self.check else self.module.outcome

    @property
    def passed(self) -> bool:
        return self.outcome is Outcome.PASSED

    @property
    def points(self) -> float:
        return self.max_points if self.passed else 0.0

    @property
    def name(self) -> str:
        """`m13 Traces have the named ranges`"""
        return f"{one_line(self.module.module)} {one_line(self.check.title if self.check else self.module.title)}"


def rows(report: Report) -> tuple[Row, ...]:
    """The rows that count. A module that nothing of was graded is one row of one point: it must not vanish."""
    found: list[Row] = []
    for verdict in report.counted:
        weighted = [Row(verdict, check, check.points) for check in verdict.checks if check.required and check.points]
        found += weighted or [Row(verdict, None, 1.0)]
    return tuple(found)


def whole_points(found: tuple[Row, ...]) -> tuple[int, ...]:
    """The rows' maximal points as whole numbers in the same proportion: 1 and 0.5 become 2 and 1."""
    weights = [
        max(Fraction(row.max_points).limit_denominator(FINEST_WEIGHT), Fraction(1, FINEST_WEIGHT)) for row in found
    ]
    scale = math.lcm(*(weight.denominator for weight in weights))
    return tuple(int(weight * scale) for weight in weights)
