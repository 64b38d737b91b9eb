"""Late work: how late a module is, and whether it counts. Applied when reporting, never when grading."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from mlops_grade.batch.cohort import LatePolicy


@dataclass(frozen=True)
class Handed:
    """When a student last changed a module; None where no date is known."""

    module: str
    session: str
    changed: datetime | None


@dataclass(frozen=True)
class Lateness:
    """How late a module's work is, the late days it takes, and whether it counts."""

    late: timedelta = timedelta()
    days: int = 0
    counts: bool = True

    def __str__(self) -> str:
        if not self.late:
            return ""
        hours = self.late / timedelta(hours=1)
        length = f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.0f} days"
        taken = f", {self.days} late day{'s' * (self.days != 1)} used" if self.days and self.counts else ""
        return f"{length} late{taken}{'' if self.counts else ', does not count'}"


ON_TIME = Lateness()


def lateness(policy: LatePolicy, work: Iterable[Handed]) -> dict[str, Lateness]:
    """The lateness of each of one student's touched modules, by module id.

    Late days are one budget for the whole course. They are spent by due date, earliest first; modules that are due
    together share them, as long as what is left covers the module.
    """
    found: dict[str, Lateness] = {}
    by_due: defaultdict[datetime, list[tuple[int, timedelta, str]]] = defaultdict(list)
    grace = timedelta(hours=policy.grace_hours)
    for handed in work:
        due = policy.due_of(handed.module, handed.session)
        if due is None or handed.changed is None or handed.changed <= due:
            found[handed.module] = ON_TIME
            continue
        late = handed.changed.astimezone(UTC) - due.astimezone(UTC)
        days = math.ceil((late - grace) / timedelta(days=1)) if late > grace else 0
        by_due[due].append((days, late, handed.module))
    left = policy.days
    for due in sorted(by_due):
        spent = 0
        for days, late, module in sorted(by_due[due]):
            counts = policy.policy == "none" or days == 0 or (policy.policy == "days" and days <= left)
            used = days if policy.policy == "days" and counts else 0
            spent = max(spent, used)
            found[module] = Lateness(late, used, counts)
        left -= spent
    return found
