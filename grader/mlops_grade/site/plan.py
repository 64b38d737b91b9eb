"""`course.toml`: when the course is given and what it is for; the timeplan that follows from it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from mlops_grade.course.discovery import Course, Module, Session
from mlops_grade.errors import UsageError

FILE = "course.toml"
SATURDAY = 5


class Plan(BaseModel):
    """`course.toml`. Without one, the sessions follow each other and no date is known."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(default="Machine learning operations", min_length=1)
    subtitle: str = ""
    start: date | None = None
    time_zone: str = "UTC"
    days_off: frozenset[date] = frozenset()
    days: tuple[str, ...] = ()
    objectives: dict[str, str] = {}

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ValueError, OSError, KeyError):
            raise ValueError(f"{name!r} is no time zone: expected a name such as Europe/Copenhagen") from None
        return name


@dataclass(frozen=True)
class Day:
    """One working day of the course: an exercise day has a session, every other one its words."""

    number: int
    week: int
    date: date | None
    session: Session | None
    topic: str

    @property
    def tools(self) -> tuple[str, ...]:
        """The frameworks of the day, each once, those of core modules first."""
        modules = sorted(self.session.modules, key=lambda module: not module.core) if self.session else ()
        return tuple(dict.fromkeys(tool for module in modules for tool in module.settings.tools))


def load_plan(course: Course) -> Plan:
    """Read `course.toml` beside the sessions. Raises UsageError that names the file, the key and what was expected."""
    file = course.root / FILE
    if not file.is_file():
        return Plan(days=tuple(session.id for session in course.sessions))
    try:
        plan = Plan.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise UsageError(f"{file} cannot be read: {error}") from None
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise UsageError(f"{file}: {told}") from None
    _check_objectives(file, plan, course.modules)
    return plan


def _check_objectives(file: Path, plan: Plan, modules: tuple[Module, ...]) -> None:
    for module in modules:
        unknown = sorted(set(module.settings.objectives) - set(plan.objectives))
        if unknown:
            known = ", ".join(plan.objectives)
            raise UsageError(f"{module.path / 'module.toml'}: {file.name} has no objective {unknown[0]!r}, but {known}")


def timeplan(plan: Plan, course: Course) -> tuple[Day, ...]:
    """The days of the course in order. Weekends and days off are skipped; without a start there are no dates."""
    sessions = {session.id: session for session in course.sessions}
    dates = _working_days(plan)
    days = []
    for number, entry in enumerate(plan.days, start=1):
        session = sessions.get(entry)
        topic = session_title(session) if session else entry
        days.append(Day(number, (number - 1) // 5 + 1, next(dates), session, topic))
    return tuple(days)


def _working_days(plan: Plan) -> Iterator[date | None]:
    day = plan.start
    while day is None:
        yield None
    while True:
        if day.weekday() < SATURDAY and day not in plan.days_off:
            yield day
        day += timedelta(days=1)


def session_title(session: Session) -> str:
    """What the first line of the session's README calls it, without "Session 4 · "; the folder's name without one."""
    try:
        first = (session.path / "README.md").read_text(encoding="utf-8").splitlines()[0]
    except (OSError, IndexError):
        first = ""
    return first.lstrip("# ").partition("· ")[2] or session.name.replace("_", " ")
