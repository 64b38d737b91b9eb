"""Late work: how late a module is, and whether it counts. Applied when reporting, never when grading."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from mlops_grade.batch import dates
from mlops_grade.batch.settings import Extension, LatePolicy

_UTC = ZoneInfo("UTC")


@dataclass(frozen=True)
class Handed:
    """When a student last changed a module; None where no date is known."""

    module: str
    session: str
    changed: datetime | None


@dataclass(frozen=True)
class Lateness:
    """How late a module's work is, the late days it takes, and whether it counts; and an extension that was granted."""

    late: timedelta = timedelta()
    days: int = 0
    counts: bool = True
    due: datetime | None = None
    extension: Extension | None = None

    def __str__(self) -> str:
        if not self.late:
            return ""
        hours = self.late / timedelta(hours=1)
        length = f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.0f} days"
        taken = f", {self.days} late day{'s' * (self.days != 1)} used" if self.days and self.counts else ""
        return f"{length} late{taken}{'' if self.counts else ', does not count'}"


ON_TIME = Lateness()


def lateness(
    policy: LatePolicy,
    work: Iterable[Handed],
    zone: ZoneInfo = _UTC,
    extensions: tuple[Extension, ...] = (),
) -> dict[str, Lateness]:
    """The lateness of each of one student's touched modules, by module id. `extensions` are that student's own.

    Late days are one budget for the whole course. They are spent by due date, earliest first; modules that are due
    together share them, as long as what is left covers the module. A late day is a day of the zone's calendar, which
    is an hour shorter or longer when its clocks change.
    """
    found: dict[str, Lateness] = {}
    by_due: defaultdict[datetime, list[tuple[int, timedelta, str]]] = defaultdict(list)
    grace = timedelta(hours=policy.grace_hours)
    for handed in work:
        extension = extension_of(extensions, handed.module, handed.session)
        due = deadline(policy, handed.module, handed.session, zone, extension)
        found[handed.module] = Lateness(due=due, extension=extension)
        if due is not None and handed.changed is not None and handed.changed > due:
            late = handed.changed - due
            days = _days(handed.changed - grace, due, zone) if late > grace else 0
            by_due[due].append((days, late, handed.module))
    left = policy.days
    for due in sorted(by_due):
        spent = 0
        for days, late, module in sorted(by_due[due]):
            counts = policy.policy == "none" or days == 0 or (policy.policy == "days" and days <= left)
            used = days if policy.policy == "days" and counts else 0
            spent = max(spent, used)
            found[module] = replace(found[module], late=late, days=used, counts=counts)
        left -= spent
    return found


def extension_of(extensions: tuple[Extension, ...], module: str, session: str) -> Extension | None:
    """A student's extension for a module: its own, or its session's."""
    own = (one for one in extensions if one.module == module)
    return next(own, next((one for one in extensions if one.session == session), None))


def deadline(
    policy: LatePolicy, module: str, session: str, zone: ZoneInfo, extension: Extension | None
) -> datetime | None:
    """When one student's module is due, in UTC; None where nothing is laid down."""
    if extension is not None and extension.due is not None:
        return dates.moment(extension.due, zone)
    due = policy.due_of(module, session)
    if due is None:
        return None
    moment = dates.moment(due, zone)
    return dates.days_later(moment, extension.days, zone) if extension is not None and extension.days else moment


def _days(changed: datetime, due: datetime, zone: ZoneInfo) -> int:
    """How many days after `due` cover `changed`, by the zone's clocks."""
    apart = changed.astimezone(zone).replace(tzinfo=None) - due.astimezone(zone).replace(tzinfo=None)
    return max(1, math.ceil(apart / timedelta(days=1)))
