"""The gradebook: what each student's verdicts come to, with lateness and the instructor's decisions applied."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property

from mlops_grade.batch import dates
from mlops_grade.batch.cohort import Cohort
from mlops_grade.batch.late import ON_TIME, Handed, Lateness, lateness
from mlops_grade.batch.ledger import Fork, HandedIn, Ledger
from mlops_grade.batch.settings import Decision
from mlops_grade.batch.store import Standing, Store
from mlops_grade.batch.student import Student
from mlops_grade.course.discovery import Module
from mlops_grade.verdict import Check, ModuleVerdict, Outcome


class State(StrEnum):
    """What a module counts as for a student. `open` waits for a person: a grader error, or tries that disagree."""

    PASSED = "passed"
    NOT_PASSED = "not passed"
    UNTOUCHED = "untouched"
    LATE = "too late"
    NOT_RUN = "not run"
    OPEN = "open"
    MISSING = "not collected"
    NOT_GRADED = "not graded"


class Result(StrEnum):
    """What the course counts as for a student. `incomplete`: no run has graded every core module yet."""

    PASSED = "passed"
    NOT_PASSED = "not passed"
    OPEN = "open"
    INCOMPLETE = "incomplete"
    MISSING = "not collected"


@dataclass(frozen=True, slots=True)
class UnitSummary:
    """A verdict in the few words that tables need. `results` is (check, passed) for every check."""

    unit: int
    module: str
    submission: str
    outcome: Outcome | None
    flaky: bool
    tries: int
    results: tuple[tuple[str, bool], ...]
    required: frozenset[str]

    @property
    def passed_checks(self) -> int:
        return sum(passed for _, passed in self.results)


@dataclass(frozen=True, slots=True)
class Cell:
    """One module of one student."""

    module: str
    state: State
    unit: UnitSummary | None = None
    untouched: bool = False
    changed: datetime | None = None
    lateness: Lateness = ON_TIME
    decision: Decision | None = None
    notes: tuple[str, ...] = ()
    commit: str = ""

    @property
    def checks(self) -> str:
        """Passed of all checks, as `7/9`."""
        return f"{self.unit.passed_checks}/{len(self.unit.results)}" if self.unit and self.unit.results else ""


@dataclass(frozen=True, slots=True)
class Row:
    """One student: every module's cell, and the course's result."""

    student: Student
    fork: Fork | None
    cells: dict[str, Cell]
    core: frozenset[str]

    @property
    def passed_core(self) -> int:
        return sum(self.cells[module].state is State.PASSED for module in self.core)

    @property
    def reason(self) -> str:
        """Why there is nothing to grade, or what is to be known of the fork."""
        if self.fork is None:
            return "has not been collected yet"
        return self.fork.reason

    @property
    def result(self) -> Result:
        """Passed when every core module is; in a course without core modules, when all are.

        Nothing is said as long as a core module has no verdict. Then one that is surely not passed decides; otherwise
        anything open leaves the result open.
        """
        states = {self.cells[module].state for module in self.core or self.cells}
        if states == {State.MISSING}:
            return Result.MISSING
        if State.NOT_GRADED in states:
            return Result.INCOMPLETE
        if states & {State.NOT_PASSED, State.UNTOUCHED, State.LATE}:
            return Result.NOT_PASSED
        return Result.PASSED if states == {State.PASSED} else Result.OPEN


class Gradebook:
    """A cohort's verdicts as they stood in the store when they were asked for first.

    `modules` are all of the course: what a run was not about stays what the store knows of it.
    """

    def __init__(self, cohort: Cohort, modules: tuple[Module, ...], store: Store) -> None:
        self.cohort = cohort
        self.modules = modules
        self.generated = datetime.now(UTC)
        self._store = store
        self._ledger = Ledger(store, cohort.name)
        self._units: dict[int, UnitSummary] = {}
        self._decisions = {(one.student, one.module): one for one in cohort.settings.decision}
        self.core = frozenset(module.id for module in modules if module.core)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Every student in the roster's order: a few kilobytes each, as verdicts are shared and stay in the store."""
        return tuple(self.row(student) for student in self.cohort.students)

    def row(self, student: Student) -> Row:
        fork = self._ledger.fork(student.id)
        handed = self._ledger.handed(student.id) if fork and fork.collected else {}
        touched = (
            Handed(module.id, module.session, date_of(handed[module.id].changed))
            for module in self.modules
            if module.id in handed and not handed[module.id].untouched
        )
        settings = self.cohort.settings
        extensions = tuple(one for one in settings.extension if one.student == student.id)
        late = lateness(settings.late, touched, settings.zone, extensions)
        cells = {
            module.id: self._cell(student, fork, module.id, handed.get(module.id), late.get(module.id, ON_TIME))
            for module in self.modules
        }
        return Row(student, fork, cells, self.core)

    def _cell(self, student: Student, fork: Fork | None, module: str, handed: HandedIn | None, late: Lateness) -> Cell:
        decision = self._decisions.get((student.id, module))
        if handed is None:
            state = State.NOT_GRADED if fork and fork.collected else State.MISSING
            return Cell(module, State(decision.outcome) if decision else state, decision=decision)
        unit = self.unit(handed.unit)
        state = State(decision.outcome) if decision else _state(unit, handed.untouched, late)
        changed = date_of(handed.changed)
        notes = (*handed.notes, *_older(fork, handed), *self._extended(late))
        return Cell(module, state, unit, handed.untouched, changed, late, decision, notes, handed.commit)

    def date(self, when: datetime | int) -> str:
        """A moment in the course's time zone, which is named."""
        found = date_of(when) if isinstance(when, int) else when
        assert found is not None
        return dates.shown(found, self.cohort.settings.zone)

    def _extended(self, late: Lateness) -> tuple[str, ...]:
        if late.extension is None or late.due is None:
            return ()
        return (f"due {self.date(late.due)} by an extension: {late.extension.reason}",)

    @cached_property
    def graded(self) -> frozenset[str]:
        """The modules that some student has a verdict or a decision on."""
        silent = (State.NOT_GRADED, State.MISSING)
        return frozenset(cell.module for row in self.rows for cell in row.cells.values() if cell.state not in silent)

    @cached_property
    def graded_core(self) -> int:
        """How many core modules every student has a verdict on, those aside whose work was not collected."""
        left = {cell.module for row in self.rows for cell in row.cells.values() if cell.state is State.NOT_GRADED}
        return len((self.graded - left) & self.core)

    def unit(self, unit: int) -> UnitSummary:
        """The summary of a unit; read once."""
        if unit not in self._units:
            self._units[unit] = self._summary(self._store.standing(unit))
        return self._units[unit]

    @property
    def units(self) -> dict[int, UnitSummary]:
        """The units that the rows read so far refer to."""
        return self._units

    def grader_errors(self, modules: Iterable[Module]) -> int:
        """How many distinct verdicts on these modules are errors of the grader's."""
        asked = {module.id for module in modules}
        return sum(unit.outcome is Outcome.GRADER_ERROR for unit in self._units.values() if unit.module in asked)

    def standing(self, unit: int) -> Standing:
        return self._store.standing(unit)

    def verdict(self, unit: int) -> ModuleVerdict | None:
        """The whole verdict, from the store each time: a cohort's verdicts are never all in memory."""
        return self._store.standing(unit).verdict

    def checks(self, module: str) -> dict[str, Check]:
        """The checks of a module by name, as the first verdicts that name them tell (titles, hints, required)."""
        return self._checks.get(module, {})

    @cached_property
    def _checks(self) -> dict[str, dict[str, Check]]:
        found: dict[str, dict[str, Check]] = {}
        for summary in self._units.values():
            known = found.setdefault(summary.module, {})
            if {name for name, _ in summary.results} - known.keys():
                verdict = self.verdict(summary.unit)
                for check in verdict.checks if verdict else ():
                    known.setdefault(check.name, check)
        return found

    def _summary(self, standing: Standing) -> UnitSummary:
        verdict, key = standing.verdict, self._store.key(standing.unit)
        checks = verdict.checks if verdict else ()
        return UnitSummary(
            standing.unit,
            key.module,
            key.submission,
            verdict.outcome if verdict else None,
            standing.flaky,
            len(standing.tries),
            tuple((check.name, check.outcome is Outcome.PASSED) for check in checks),
            frozenset(check.name for check in checks if check.required),
        )


def _older(fork: Fork | None, handed: HandedIn) -> tuple[str, ...]:
    """What is to be said of a verdict on files that are not today's: the module was not part of a run since."""
    if fork is None or fork.commit == handed.commit:
        return ()
    return (f"graded as it was at {f'commit {handed.commit[:12]}' if handed.commit else 'an earlier run'}",)


def _state(unit: UnitSummary, untouched: bool, late: Lateness) -> State:
    if unit.flaky or unit.outcome in (None, Outcome.GRADER_ERROR):
        return State.OPEN
    if unit.outcome is Outcome.PASSED:
        return State.PASSED if late.counts else State.LATE
    if unit.outcome is Outcome.NOT_RUN:
        return State.NOT_RUN
    return State.UNTOUCHED if untouched else State.NOT_PASSED


def date_of(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
