"""An update, played through move by move."""

import math
import re
from dataclasses import dataclass, field
from fractions import Fraction


@dataclass
class Update:
    replicas: int
    surge: int
    unavailable: int
    old: int = field(init=False)
    fresh: int = 0
    """new, and not yet ready"""
    settled: int = 0
    """new, and ready"""

    def __post_init__(self) -> None:
        self.old = self.replicas
        self.seen = [(self.replicas, 0)]

    def note(self) -> None:
        state = (self.old, self.fresh + self.settled)
        if self.seen[-1] != state:
            self.seen.append(state)

    def start(self) -> None:
        while self.fresh + self.settled < self.replicas and self.old + self.fresh + self.settled < self.replicas + self.surge:
            self.fresh += 1
        self.note()

    def stop(self) -> None:
        while self.old > 0 and self.old + self.settled - 1 >= self.replicas - self.unavailable:
            self.old -= 1
        self.note()

    def end(self) -> None:
        self.settled, self.fresh = self.settled + self.fresh, 0


def _part(limit: int | str) -> tuple[Fraction, bool]:
    """The number, and whether it is a share of the replicas."""
    if percent := re.fullmatch(r"\s*(\d+)\s*%\s*", str(limit)):
        return Fraction(int(percent[1]), 100), True
    return Fraction(int(limit)), False


def rollout_states(replicas: int, max_surge: int | str, max_unavailable: int | str) -> list[tuple[int, int]]:
    (surge, surge_is_share), (gap, gap_is_share) = _part(max_surge), _part(max_unavailable)
    if surge == gap == 0:
        raise ValueError("maxSurge and maxUnavailable must not both be zero")
    more = math.ceil(surge * (replicas if surge_is_share else 1))
    fewer = math.floor(gap * (replicas if gap_is_share else 1))
    if (more, fewer) == (0, 0):
        fewer = 1
    update = Update(replicas, more, fewer)
    while update.seen[-1] != (0, replicas):
        update.start()
        update.stop()
        update.end()
    return update.seen
