"""What a judging process reports of one run, as far as it has come."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from mlops_grade.verdict import Outcome


@dataclass
class Events:
    """What a judging process has reported so far."""

    expected: list[dict[str, Any]] = field(default_factory=list)
    checks: dict[str, dict[str, Any]] = field(default_factory=dict)
    error: str = ""
    pid: int = 0
    cpu: float | None = None
    waited: float = 0.0
    busy: bool = False  # nothing can be said of the work: the machine gave it no time
    device: str = ""  # that the suite chose, if it asked for one
    running: str = ""  # the check that has begun and not reported
    asked: bool = False  # whether it may hold a student's value by now
    stopped_over: str = ""  # the check whose value the judging process did not get over: it has been ended

    @property
    def left(self) -> tuple[str, ...]:
        return tuple(check["name"] for check in self.expected if check["name"] not in self.checks)

    def go_on(self, more: Events) -> None:
        """Take in what the next judging process reported of the checks that were left."""
        self.checks |= more.checks
        self.error, self.stopped_over = more.error, more.stopped_over
        self.busy = more.busy
        self.cpu = (self.cpu or 0.0) + (more.cpu or 0.0)
        self.waited += more.waited
        self.device = self.device or more.device


def stopped(name: str, reason: str, message: str) -> dict[str, Any]:
    """The event of a check that its judging process did not live to report."""
    return {"event": "check", "name": name, "outcome": Outcome.NOT_PASSED, "reason": reason, "message": message}
