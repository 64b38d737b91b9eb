"""Defending a verdict: say what it rests on, and reach it again from the same files with the same seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from mlops_grade.batch import git
from mlops_grade.batch.gradebook.book import Gradebook, Row
from mlops_grade.batch.ledger import Ledger
from mlops_grade.batch.run import submission_of
from mlops_grade.batch.schedule import Grade
from mlops_grade.batch.store import Key, Standing, Store, signature
from mlops_grade.batch.student import Student
from mlops_grade.course.discovery import Module
from mlops_grade.course.environment import environment_digest
from mlops_grade.course.sealing import suite_digest
from mlops_grade.errors import GraderError, UsageError
from mlops_grade.reports.wording import load
from mlops_grade.verdict import ModuleVerdict


@dataclass(frozen=True)
class Explained:
    """One verdict with everything it rests on."""

    row: Row
    key: Key
    standing: Standing
    facts: tuple[tuple[str, str], ...]

    @property
    def verdict(self) -> ModuleVerdict:
        assert self.standing.verdict is not None
        return self.standing.verdict


def explain(book: Gradebook, store: Store, student: Student, module: Module) -> Explained:
    """The verdict on a module of a student, and its provenance. Raises UsageError where there is none."""
    row = book.row(student)
    cell = row.cells[module.id]
    if cell.unit is None:
        raise UsageError(f"there is no verdict on {module.id} of {student.id}: {row.reason or 'run the batch first'}")
    standing = store.standing(cell.unit.unit)
    if standing.verdict is None:
        raise UsageError(f"{module.id} of {student.id} is not graded yet: run the batch to its end")
    key = store.key(cell.unit.unit)
    return Explained(row, key, standing, tuple(_facts(book, row, module, key, standing, store)))


def _facts(
    book: Gradebook, row: Row, module: Module, key: Key, standing: Standing, store: Store
) -> Iterator[tuple[str, str]]:
    cell, fork = row.cells[module.id], row.fork
    yield "counts as", str(cell.state)
    if cell.decision:
        yield "decided by hand", cell.decision.reason
    if cell.lateness.due:
        extension = cell.lateness.extension
        yield "due", book.date(cell.lateness.due) + (f" (extension: {extension.reason})" if extension else "")
    if cell.lateness.late:
        yield "late", str(cell.lateness)
    if cell.commit and fork and cell.commit != fork.commit:
        yield "commit", f"{cell.commit} (of an earlier run: the latest one was not about this module)"
    elif fork and fork.commit:
        yield "commit", fork.commit
        yield "committed", f"{book.date(fork.committed or 0)} (by the committer's clock, which can be set at will)"
        sightings = Ledger(store, book.cohort.name).sightings(fork.student)
        for tip, seen in sightings:
            yield "branch seen at", f"{tip[:12]} on {book.date(seen)} (by our clock)"
    if fork:
        yield "repository", fork.repository
        if fork.reason:
            yield "remark", fork.reason
    if cell.changed:
        yield "module last changed", f"{book.date(cell.changed)} (committer date)"
    yield "files", key.submission
    yield "suite", key.suite
    yield "environment", key.environment
    yield "limits", key.limits
    yield "seed", str(key.seed)
    for one in standing.tries:
        mark = "counts" if standing.shown and one.number == standing.shown.number else "kept"
        yield f"try {one.number}", f"{one.verdict.outcome} on {one.host} at {one.finished} ({mark})"
    if standing.flaky:
        yield "flaky", "the tries disagree: a person has to decide (a [[decision]] in cohort.toml)"
    verdict = standing.verdict
    provenance = verdict.provenance if verdict else None
    if verdict and provenance:
        for name in ("grader", "python", "device", "isolation", "start"):
            yield name, str(getattr(provenance, name))
        yield "load", load(verdict)
        yield "libraries", ", ".join(f"{name} {version}" for name, version in sorted(provenance.libraries.items()))


@dataclass(frozen=True)
class Replayed:
    """What came of grading the same files again."""

    before: ModuleVerdict
    after: ModuleVerdict

    @property
    def agrees(self) -> bool:
        return signature(self.before) == signature(self.after)

    @property
    def differences(self) -> list[str]:
        """The checks that came out otherwise."""
        old = {check.name: str(check.outcome) for check in self.before.checks}
        new = {check.name: str(check.outcome) for check in self.after.checks}
        return [
            f"{name}: {old.get(name, 'absent')} before, {new.get(name, 'absent')} now"
            for name in {**old, **new}
            if old.get(name) != new.get(name)
        ]


def replay(explained: Explained, store: Store, module: Module, grade: Grade) -> Replayed:
    """Grade the same files again and keep the result as one more try: a disagreement marks the verdict as flaky.

    `grade` has to use the seed and the limits of the verdict. Raises UsageError where the suite has changed since, as
    the old one is not at hand; a changed environment is no reason to refuse, and is told by the caller.
    """
    key, fork = explained.key, explained.row.fork
    if suite_digest(module) != key.suite:
        raise UsageError(
            f"the suite of {module.id} is not the one that this verdict came from ({key.suite[:12]}): check out the "
            "course as it was then, or run the batch again to grade with the suite of today"
        )
    assert fork is not None
    with git.Objects(store.path.parent / "forks.git") as objects:
        submission = submission_of(replace(fork, commit=explained.row.cells[module.id].commit), module, objects)
    if submission.digest != key.submission:
        raise GraderError(
            f"the files of {explained.row.student.id} are not those that were graded ({key.submission[:12]})"
        )
    verdict = grade(module, submission)
    before = explained.verdict
    if key.environment == environment_digest():
        store.add(explained.standing.unit, verdict)
    return Replayed(before, verdict)


def environment_changed(explained: Explained) -> bool:
    """Whether Python, libraries or grader are others than those of the verdict."""
    return explained.key.environment != environment_digest()
