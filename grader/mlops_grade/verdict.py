"""The data that a grading run leaves behind: checks, module verdicts, the report; and the rules for passing.

Everything here is frozen, plain, and goes to JSON and back. The JSON Schema is committed as `verdict.schema.json`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator


class Outcome(StrEnum):
    """What became of a check or of a module. `grader error` is ours, never the student's fault."""

    PASSED = "passed"
    NOT_PASSED = "not passed"
    NOT_RUN = "not run"
    GRADER_ERROR = "grader error"


class ExitCode:
    """Exit statuses of `mlops-grade`."""

    PASSED = 0
    NOT_PASSED = 1
    WRONG_USAGE = 2
    GRADER_ERROR = 3
    INTERRUPTED = 130


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    @field_validator("*")
    @classmethod
    def _writable(cls, value: object) -> object:
        """Lone surrogates (from a student's file names or output) cannot be written as UTF-8: escape them."""
        if isinstance(value, tuple):
            return tuple(cls._writable(item) for item in value)
        return value.encode("utf-8", "backslashreplace").decode() if type(value) is str else value


class Frame(_Data):
    """One frame of a traceback in the student's own files."""

    file: str
    line: int
    function: str
    code: str = ""


class Check(_Data):
    """One check of a hidden suite: its outcome and what the student reads about it."""

    name: str
    title: str
    outcome: Outcome
    required: bool = True
    points: float = 1.0
    message: str = ""
    expected: str | None = None
    got: str | None = None
    hint: str = ""
    traceback: tuple[Frame, ...] = ()
    output: str = ""
    seconds: float = 0.0
    reason: Literal[
        "",
        "assertion",
        "exception",
        "todo",
        "timeout",
        "died",
        "flood",
        "memory",
        "protocol",
        "missing",
        "unreached",
        "busy",
        "fenced",
    ] = ""
    excess: float | None = Field(
        default=None, description="how many times what is allowed the worst of the numbers compared is off"
    )
    after: str = Field(default="", description="the check that failed first for the same reason; only where unreached")


class Provenance(_Data):
    """What a verdict is a function of, so that it can be defended and repeated."""

    submission: str = Field(description="SHA-256 of the files graded")
    suite: str = Field(description="SHA-256 of the hidden suite, the given files and module.toml")
    grader: str
    python: str
    libraries: dict[str, str] = {}
    device: str
    isolation: str
    start: str
    seed: int
    timeout: float


class ModuleVerdict(_Data):
    """The verdict on one module of one submission."""

    module: str
    session: str
    title: str
    core: bool
    outcome: Outcome
    checks: tuple[Check, ...] = ()
    folder: str = Field(default="", description="the module's folder, relative to the root of the checkout")
    reason: str = ""
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    cpu_seconds: float = Field(default=0.0, description="CPU seconds of the judge and of the student's processes")
    waited_seconds: float = Field(
        default=0.0, description="seconds for which the student's processes were ready and the machine had no core"
    )
    busy: bool = Field(default=False, description="a grader error because the machine was too busy to tell: try again")
    provenance: Provenance | None = None

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that did not pass, required ones first."""
        left = [check for check in self.checks if check.outcome is not Outcome.PASSED]
        return tuple(sorted(left, key=lambda check: not check.required))

    @property
    def passed_checks(self) -> int:
        return sum(check.outcome is Outcome.PASSED for check in self.checks)

    @property
    def points(self) -> float:
        return sum(check.points for check in self.checks if check.required and check.outcome is Outcome.PASSED)

    @property
    def max_points(self) -> float:
        return sum(check.points for check in self.checks if check.required)


class Report(_Data):
    """All verdicts of one run over one submission."""

    version: Literal[1] = 1
    submission: str = ""
    started: str = ""
    seconds: float = 0.0
    verdicts: tuple[ModuleVerdict, ...] = ()

    @property
    def core(self) -> tuple[ModuleVerdict, ...]:
        return tuple(verdict for verdict in self.verdicts if verdict.core)

    @property
    def passed_core(self) -> int:
        return sum(verdict.outcome is Outcome.PASSED for verdict in self.core)

    @property
    def counted(self) -> tuple[ModuleVerdict, ...]:
        """The verdicts that the result depends on: the core modules; the others where no core one was asked for."""
        return self.core or self.verdicts

    @property
    def outcome(self) -> Outcome:
        """Passed when every core module is; a grader error anywhere leaves the result open."""
        if any(verdict.outcome is Outcome.GRADER_ERROR for verdict in self.verdicts):
            return Outcome.GRADER_ERROR
        if self.counted and all(verdict.outcome is Outcome.PASSED for verdict in self.counted):
            return Outcome.PASSED
        return Outcome.NOT_PASSED

    @property
    def exit_code(self) -> int:
        codes = {Outcome.PASSED: ExitCode.PASSED, Outcome.GRADER_ERROR: ExitCode.GRADER_ERROR}
        return codes.get(self.outcome, ExitCode.NOT_PASSED)


def module_outcome(checks: tuple[Check, ...]) -> Outcome:
    """The pass rule: a module passes when it has required checks and every one of them passed.

    A required check that could not run leaves the module not run, unless another one failed: that is known already.
    """
    outcomes = {check.outcome for check in checks if check.required}
    if any(check.outcome is Outcome.GRADER_ERROR for check in checks):
        return Outcome.GRADER_ERROR
    if not outcomes:
        return Outcome.GRADER_ERROR
    if Outcome.NOT_PASSED in outcomes:
        return Outcome.NOT_PASSED
    return Outcome.NOT_RUN if Outcome.NOT_RUN in outcomes else Outcome.PASSED
