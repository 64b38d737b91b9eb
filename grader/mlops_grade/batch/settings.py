"""`cohort.toml`: what it may hold, and what is said of what it may not."""

from __future__ import annotations

import difflib
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from mlops_grade.batch import dates
from mlops_grade.errors import UsageError

ROSTER = "roster.csv"
SETTINGS = "cohort.toml"

Due = Annotated[dates.Date, BeforeValidator(dates.read)]
Reason = Annotated[str, Field(min_length=3)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LatePolicy(_Table):
    """What is made of late work. Applied when reporting, never when grading.

    `none` shows lateness and lets it count; `grace` takes what came within `grace_hours`; `days` gives each student
    `days` late days for all modules with a common due date together, beyond the grace.
    """

    policy: Literal["none", "grace", "days"] = "none"
    due: Due | None = None
    grace_hours: float = Field(default=0, ge=0)
    days: int = Field(default=0, ge=0)
    modules: dict[str, Due] = Field(default={}, description="due dates of single modules or sessions")

    def due_of(self, module: str, session: str) -> dates.Date | None:
        """When a module is due: its own date, its session's, or the course's."""
        return self.modules.get(module, self.modules.get(session, self.due))


class Decision(_Table):
    """An instructor's own word on one verdict, with the reason that is shown beside it."""

    student: str
    module: str
    outcome: Literal["passed", "not passed"]
    reason: Reason


class Extension(_Table):
    """More time for one student: another due date, or so many days more, for a module or for a session."""

    student: str
    module: str = ""
    session: str = ""
    due: Due | None = None
    days: int | None = Field(default=None, ge=1)
    reason: Reason

    @model_validator(mode="after")
    def _one_of_each(self) -> Self:
        if bool(self.module) == bool(self.session):
            raise ValueError("expected either module or session: what is it that may come later?")
        if (self.due is None) == (self.days is None):
            raise ValueError("expected either due or days: until when?")
        return self


class CohortSettings(_Table):
    """`cohort.toml`, all of it optional."""

    name: str = ""
    roster: str = ROSTER
    pattern: str = Field(default="{student}", description="what the folders of clones are called")
    repository: str = Field(default="", description="where a student's work is that the roster has no address of")
    timezone: str = Field(default="", description="that dates are meant and told in; the machine's where it is empty")
    max_fork_mib: int = Field(default=512, ge=1)
    fetch_timeout: float = Field(default=300, gt=0)
    points: Literal["passed", "checks"] = Field(default="passed", description="what a module not passed is worth")
    canvas: str = Field(default="", description="Canvas's own export of the grades, beside this file")
    moodle: str = Field(default="", description="Moodle's own export of the grades, beside this file")
    late: LatePolicy = LatePolicy()
    decision: tuple[Decision, ...] = ()
    extension: tuple[Extension, ...] = ()

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        return dates.named_zone(name).key if name else ""

    @field_validator("repository")
    @classmethod
    def _with_student(cls, address: str) -> str:
        if address and "{student}" not in address:
            raise ValueError("expected {student} in it, as in https://github.com/my-org/mlops-{student}")
        return address

    @property
    def zone(self) -> ZoneInfo:
        """The course's time zone."""
        return ZoneInfo(self.timezone) if self.timezone else dates.machine_zone()


_TABLES: dict[str, type[BaseModel]] = {"late": LatePolicy, "decision": Decision, "extension": Extension}


def load_settings(file: Path) -> CohortSettings:
    """Parse `cohort.toml`; the defaults where there is none. Raises UsageError that names the key and the remedy."""
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return CohortSettings()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {error}") from None
    try:
        return CohortSettings.model_validate(table)
    except ValidationError as error:
        raise UsageError(f"{file}: " + "; ".join(_explained(dict(item)) for item in error.errors())) from None


def _explained(item: dict[str, Any]) -> str:
    """One error of pydantic's in our words. Tables that stand several times are counted from 1, as people count."""
    place = ".".join(str(part + 1) if isinstance(part, int) else str(part) for part in item["loc"])
    if item["type"] == "extra_forbidden":
        *tables, key = item["loc"]
        known = sorted(_TABLES[tables[0]].model_fields if tables else CohortSettings.model_fields)
        return f"{place}: there is no key {key!r}: {nearest(str(key), known, 'the keys are')}"
    if item["type"] == "missing":
        return f"{place}: is missing"
    return f"{place}: {item['msg'].removeprefix('Value error, ')} (found {item['input']!r})"


def nearest(word: str, known: list[str], otherwise: str) -> str:
    """The remedy for a word that is not known: the nearest one that is, or all of them."""
    folded = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(word.casefold(), folded, n=1, cutoff=0.5)
    return f"did you mean {folded[near[0]]!r}?" if near else f"{otherwise} {', '.join(known[:20]) or 'none'}"
