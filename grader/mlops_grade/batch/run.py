"""The driver of a batch: collect, take in, grade what is not known yet. It can be killed anywhere and run again."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Literal

from mlops_grade.batch import dates, git, intake, places
from mlops_grade.batch.cohort import Cohort
from mlops_grade.batch.collect import Collector, Fetched
from mlops_grade.batch.git import Commit
from mlops_grade.batch.ledger import Fork, HandedIn, Ledger, UnitRow
from mlops_grade.batch.progress import Progress, Silent
from mlops_grade.batch.schedule import Pool
from mlops_grade.batch.store import Key, Store
from mlops_grade.batch.student import Student, slug
from mlops_grade.course.discovery import Course, Module
from mlops_grade.course.environment import environment_digest
from mlops_grade.course.sealing import suite_digest
from mlops_grade.course.submission import Submission, from_checkout, is_same_text
from mlops_grade.errors import GraderError, UsageError
from mlops_grade.verdict import ModuleVerdict, Outcome

FORKS = "forks.git"
SLOTS_ARE_ASKED_EVERY = 5.0
HOPELESS = 8


@dataclass(frozen=True)
class BatchOptions:
    """What a batch is run with.

    `before` picks the last state of each branch not after that moment, by the commits' own committer dates
    (`committed`: whoever commits can set them at will) or by when an earlier run of ours first saw a tip (`collected`:
    cannot be forged, but knows only the moments at which we looked).
    """

    modules: tuple[Module, ...]
    seed: int = 1
    timeout: float | None = None
    limits: str = ""
    before: datetime | None = None
    dated: Literal["committed", "collected"] = "committed"
    fetch: bool = True
    again: bool = False
    environment: str = field(default_factory=environment_digest)


@dataclass
class Tally:
    """What a run did."""

    students: int = 0
    not_collected: int = 0
    handed_in: int = 0
    units: int = 0
    known: int = 0
    graded: int = 0
    retried: int = 0
    cpu_seconds: float = 0.0
    seconds: float = 0.0

    def __str__(self) -> str:
        return (
            f"{self.students} students ({self.not_collected} not collected), {self.handed_in} modules handed in, "
            f"{self.units} of them distinct, {self.known} known already, {self.graded} graded now"
            f"{f' ({self.retried} of them again)' if self.retried else ''} in {self.seconds:.1f} s"
        )


@dataclass(frozen=True)
class _Taken:
    """What is to be kept of a submission that was read."""

    digest: str
    untouched: bool
    notes: tuple[str, ...]


class Batch:
    """One cohort, one store, one set of options; the steps are called in order by `run`."""

    def __init__(
        self, course: Course, cohort: Cohort, store: Store, options: BatchOptions, progress: Progress | None = None
    ) -> None:
        self.course = course
        self.cohort = cohort
        self.store = store
        self.options = options
        self.progress: Progress = progress or Silent()
        self.ledger = Ledger(store, cohort.name)
        self.collector = Collector(store.path.parent / FORKS, slug(cohort.name), cohort.settings)
        self.tally = Tally(students=len(cohort.students))
        self._suites = {module.id: suite_digest(module) for module in options.modules}
        self._skeletons = {module.id: from_checkout(course.root, module) for module in options.modules}
        self._folders = {module.id: module.folder for module in course.modules}
        self._hopeless = 0
        self._key_of_unit = lru_cache(maxsize=65536)(store.key)

    def run(self, pool: AbstractContextManager[Pool]) -> Tally:
        """All steps. Raises UsageError when another run is at work on the store, GraderError for a full disk."""
        started = time.monotonic()
        with self.store.exclusive(self.cohort.name) as run:
            self.collect(run)
            with git.Objects(self.collector.repository) as objects:
                self.take_in(objects)
                pending = self.pending()
                with pool if pending else nullcontext() as opened:
                    if opened is not None:
                        self.grade(opened, pending, objects)
        self.tally.seconds = time.monotonic() - started
        return self.tally

    # Collecting

    def collect(self, run: str) -> None:
        """Bring every fork up to date; those that a killed run had collected already are left as they are."""
        before = self.ledger.forks()
        unfinished = self.ledger.unfinished_run(but=run)
        students = [student for student in self.cohort.students if self._wants_fetch(student, before, unfinished)]
        self.progress.phase("Collecting", len(students))
        tips = {name: fork.tip for name, fork in before.items()}
        with git.Objects(self.collector.repository) as objects:
            for student in self.cohort.students:
                if student not in students and (known := before.get(student.id)):
                    self._settle(objects, replace(known, run=run), known)
            for fetched in self.collector.collect(students, lambda student: tips.get(student.id, "")):
                known = before.get(fetched.student.id)
                self._settle(objects, self._as_fork(fetched, known, run), known, seen=int(time.time()))
                self.progress.advance(1, problem=f"{fetched.student.id}: {fetched.reason}" if fetched.reason else "")
        forks = self.ledger.forks()
        current = [forks[student.id] for student in self.cohort.students if student.id in forks]
        self.tally.not_collected = len(self.cohort.students) - sum(fork.collected for fork in current)
        old = {fork.commit for fork in before.values()}
        self.collector.keep({fork.commit for fork in current if fork.commit} - old)

    def _wants_fetch(self, student: Student, before: dict[str, Fork], unfinished: str) -> bool:
        known = before.get(student.id)
        if known is None or (known.repository, known.ref) != (git.bare_url(student.repository), student.ref):
            return True
        return self.options.fetch and not (unfinished and known.run == unfinished and not known.reason)

    def _as_fork(self, fetched: Fetched, known: Fork | None, run: str) -> Fork:
        student = fetched.student
        reason = fetched.reason
        if fetched.loose and fetched.folder is not None:
            reason = places.why_not_loose(fetched.folder, self.options.modules)
        fork = Fork(student.id, git.bare_url(student.repository), student.ref, reason, fetched.tip, run=run)
        moved = known is not None and (known.repository, known.ref) != (fork.repository, fork.ref)
        if fetched.reason and known and known.tip and not moved:
            # What was collected before is better than nothing; the row says that it may be old.
            return replace(fork, tip=known.tip, reason=f"today: {fetched.reason}; graded is what was collected before")
        return fork

    def _settle(self, objects: git.Objects, fork: Fork, known: Fork | None, seen: int | None = None) -> None:
        """Choose the commit that is graded, and keep the row."""
        if fork.tip:
            commit = self._chosen(objects, fork, seen)
            if commit is None:
                fork = replace(fork, commit="", committed=None, reason=self._nothing_before())
            else:
                fork = replace(fork, commit=commit.id, committed=commit.committed)
        moved = known is not None and (known.repository, known.ref) != (fork.repository, fork.ref)
        if known and moved and known.commit != fork.commit:
            self.ledger.drop(fork.student)  # what was graded there says nothing of the work here
        self.ledger.save_fork(fork, seen)

    def _chosen(self, objects: git.Objects, fork: Fork, seen: int | None) -> Commit | None:
        if self.options.before is None:
            return intake.read_commit(objects, fork.tip)
        moment = int(self.options.before.timestamp())
        if self.options.dated == "committed":
            return intake.last_before(objects, fork.tip, moment)
        sightings = self.ledger.sightings(fork.student)
        if seen is not None and (not sightings or sightings[-1][0] != fork.tip):
            sightings.append((fork.tip, seen))
        tips = [tip for tip, when in sightings if when <= moment]
        return intake.read_commit(objects, tips[-1]) if tips else None

    def _nothing_before(self) -> str:
        if self.options.before is None:
            return "is damaged: its last commit cannot be read"
        before = dates.shown(self.options.before, self.cohort.settings.zone)
        return f"has no commit dated before {before} (by {self.options.dated} date)"

    # Taking in

    def take_in(self, objects: git.Objects) -> None:
        """Find out which files every student hands in, by digest; what was found out before is not read again."""
        forks = self.ledger.forks()
        graded = [fork for student in self.cohort.students if (fork := forks[student.id]).collected]
        self.progress.phase("Reading", len(graded))
        taken: dict[tuple[str, str], _Taken] = {}
        for fork in graded:
            rows = self._handed_in(objects, fork, taken)
            self.ledger.hand_in(rows)
            self.ledger.hand_in(self._unchanged(objects, fork))
            self.tally.handed_in += len(rows)
            self.progress.advance()

    def _handed_in(self, objects: git.Objects, fork: Fork, taken: dict[tuple[str, str], _Taken]) -> list[HandedIn]:
        known = self.ledger.handed(fork.student) if fork.commit else {}
        commit = intake.read_commit(objects, fork.commit) if fork.commit else None
        rows, fresh = [], []
        for module in self.options.modules:
            old = known.get(module.id)
            if old and old.commit != fork.commit:
                old = None
            key = self._key_of_unit(old.unit) if old else None
            if old and key and key.suite == self._suites[module.id]:
                current = self._key(module, key.submission)
                rows.append(old if current == key else replace(old, unit=self.store.unit(current)))
                continue
            if commit is None:
                found = self._taken(places.from_plain_folder(Path(fork.repository), module), module)
            else:
                tree = intake.folder_tree(objects, commit.tree, module.folder)
                if (module.id, tree) not in taken:
                    taken[module.id, tree] = self._taken(intake.from_tree(objects, tree, module), module)
                nested = intake.nested_repositories(objects, commit.tree, module.folder)
                found = replace(taken[module.id, tree], notes=(*taken[module.id, tree].notes, *nested))
            unit = self.store.unit(self._key(module, found.digest))
            fresh.append(HandedIn(fork.student, module.id, unit, None, found.untouched, found.notes, fork.commit))
        return rows + self._dated(objects, commit, fresh)

    def _taken(self, submission: Submission, module: Module) -> _Taken:
        untouched = is_same_text(submission, self._skeletons[module.id])
        return _Taken(submission.digest, untouched, intake.remarks(submission))

    def _unchanged(self, objects: git.Objects, fork: Fork) -> Iterator[HandedIn]:
        """Modules that this run is not about and whose files are the same at today's commit: their rows go with it."""
        asked = {module.id for module in self.options.modules}
        now = intake.read_commit(objects, fork.commit) if fork.commit else None
        for old in self.ledger.handed(fork.student).values() if now else ():
            if old.module in asked or old.commit == fork.commit or old.module not in self._folders:
                continue
            then = intake.read_commit(objects, old.commit) if old.commit else None
            places = [intake.folder_tree(objects, one.tree, self._folders[old.module]) for one in (now, then) if one]
            if len(places) == 2 and places[0] == places[1]:
                yield replace(old, commit=fork.commit)

    def _dated(self, objects: git.Objects, commit: Commit | None, rows: list[HandedIn]) -> list[HandedIn]:
        """The same rows with the date of the last change to each touched module."""
        folders = {self.course.module(row.module).folder: row.module for row in rows if not row.untouched}
        if commit is None or not folders:
            return rows
        dates = {folders[folder]: date for folder, date in intake.changed_at(objects, commit, folders).items()}
        return [replace(row, changed=dates.get(row.module)) for row in rows]

    def _key(self, module: Module, submission: str) -> Key:
        limits = f"timeout={self.options.timeout or module.settings.timeout:g} {self.options.limits}".strip()
        return Key(module.id, submission, self._suites[module.id], self.options.environment, limits, self.options.seed)

    # Grading

    def pending(self) -> list[UnitRow]:
        """The units that have no settled verdict, longest modules first."""
        rows = self._units()
        self.tally.units = len(rows)
        if self.options.again:
            for row in rows:
                if row.settled and self._open(row):
                    self.store.reopen(row.unit)
            rows = self._units()
        todo = [row for row in rows if not row.settled]
        self.tally.known = len(rows) - len(todo)
        known = self.ledger.seconds_by_module()
        expected = {module.id: known.get(module.id, module.settings.timeout) for module in self.options.modules}
        return sorted(todo, key=lambda row: (-expected[row.module], row.module, row.unit))

    def _units(self) -> list[UnitRow]:
        modules = [module.id for module in self.options.modules]
        return self.ledger.units(modules, [student.id for student in self.cohort.students])

    def _open(self, row: UnitRow) -> bool:
        shown = self.store.standing(row.unit).shown
        return row.flaky or shown is None or shown.transient

    def grade(self, pool: Pool, pending: list[UnitRow], objects: git.Objects) -> None:
        """Keep the pool busy, and write each verdict as it arrives. Unsettled ones are tried again at the end."""
        self.progress.phase("Grading", len(pending), known=self.tally.known)
        queue = deque(pending)
        flying: dict[Future[ModuleVerdict], UnitRow] = {}
        asked, slots = 0.0, 1
        while queue or flying:
            if time.monotonic() - asked > SLOTS_ARE_ASKED_EVERY:  # a cluster's workers come and go
                asked, slots = time.monotonic(), pool.slots
            while queue and len(flying) < 2 * slots:
                row = queue.popleft()
                flying[self._start(pool, row, objects)] = row
            done, _ = wait(flying, timeout=SLOTS_ARE_ASKED_EVERY, return_when=FIRST_COMPLETED)
            for future in done:
                row = flying.pop(future)
                if self._record(row, self._verdict_of(future, row)):
                    self.progress.advance()
                else:
                    self.tally.retried += 1
                    queue.append(row)

    def _start(self, pool: Pool, row: UnitRow, objects: git.Objects) -> Future[ModuleVerdict]:
        module = self.course.module(row.module)
        submission = self.submission(row.unit, objects)
        if submission.digest != row.submission:
            future: Future[ModuleVerdict] = Future()
            future.set_exception(GraderError("the files changed while the batch ran: run it again"))
            return future
        return pool.submit(module, replace(submission, notes=()))  # they are of one student; the verdict is of all

    def submission(self, unit: int, objects: git.Objects) -> Submission:
        """The files of a unit, from the fork of a student who has them."""
        module = self.course.module(self.store.key(unit).module)
        return submission_of(self.ledger.holder(unit), module, objects)

    def touched(self) -> Iterator[tuple[Student, Module, Submission]]:
        """What every student changed, module by module."""
        with git.Objects(self.collector.repository) as objects:
            for student in self.cohort.students:
                fork = self.ledger.fork(student.id)
                for row in self.ledger.handed(student.id).values() if fork and fork.collected else ():
                    if not row.untouched and row.module in self._suites:
                        assert fork is not None
                        module = self.course.module(row.module)
                        yield student, module, submission_of(fork, module, objects)

    def _verdict_of(self, future: Future[ModuleVerdict], row: UnitRow) -> ModuleVerdict:
        """What came of a task; an exception in it is an error of the grader's, kept like any other try.

        Raises UsageError where the task refused to run at all (an isolation that is not to be had, say), and
        GraderError when nothing can be run here: a night of errors would help nobody.
        """
        error = future.exception()
        if error is None:
            self._hopeless = 0
            return future.result()
        if isinstance(error, UsageError):
            raise error
        self._hopeless += self._hopeless == self.tally.graded
        if self._hopeless >= HOPELESS:
            raise GraderError(f"none of the first {HOPELESS} suites could be run: {error}") from error
        return grader_error(self.course.module(row.module), error)

    def _record(self, row: UnitRow, verdict: ModuleVerdict) -> bool:
        """Keep a try; True when this run is done with the unit."""
        standing = self.store.add(row.unit, verdict)
        self.tally.graded += 1
        self.tally.cpu_seconds += verdict.cpu_seconds
        return standing.settled or verdict.outcome is Outcome.NOT_RUN


def submission_of(fork: Fork, module: Module, objects: git.Objects) -> Submission:
    """What a collected fork hands in for a module."""
    commit = intake.read_commit(objects, fork.commit) if fork.commit else None
    if commit is None:
        return places.from_plain_folder(Path(fork.repository), module)
    tree = intake.folder_tree(objects, commit.tree, module.folder)
    return intake.from_tree(objects, tree, module, source=f"{fork.repository}@{commit.id[:12]}")


def grader_error(module: Module, error: BaseException) -> ModuleVerdict:
    """The verdict on a module that could not be graded."""
    return ModuleVerdict(
        module=module.id,
        session=module.session,
        title=module.title,
        core=module.core,
        folder=module.folder,
        outcome=Outcome.GRADER_ERROR,
        reason=f"{type(error).__name__}: {error}",
    )
