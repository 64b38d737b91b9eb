"""What a cohort handed in: its forks, which files they come to module by module, and what is still to be graded."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from mlops_grade.batch.store import Store, now


@dataclass(frozen=True)
class Fork:
    """One student's fork as it was last collected.

    `commit` is the state that is graded: the tip, or an earlier one where a date was asked for. An empty commit with
    an empty reason is a plain folder.
    """

    student: str
    repository: str
    ref: str = ""
    reason: str = ""
    tip: str = ""
    commit: str = ""
    committed: int | None = None
    run: str = ""

    @property
    def collected(self) -> bool:
        return bool(self.commit) or not self.reason


@dataclass(frozen=True)
class HandedIn:
    """One module of one student: the unit of work that its files come to, and the commit that they are from."""

    student: str
    module: str
    unit: int
    changed: int | None = None
    untouched: bool = False
    notes: tuple[str, ...] = field(default=())
    commit: str = ""


@dataclass(frozen=True)
class UnitRow:
    """What a table needs to know of a unit; the verdict itself stays in the store."""

    unit: int
    module: str
    submission: str
    settled: bool
    flaky: bool
    outcome: str


def _storable(text: str) -> str | bytes:
    """A text as SQLite keeps it: a path that is no Unicode as its bytes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return os.fsencode(text)
    return text


def _told(kept: str | bytes) -> str:
    return os.fsdecode(kept)


class Ledger:
    """The rows of one cohort in a store."""

    def __init__(self, store: Store, cohort: str) -> None:
        self.store = store
        self.cohort = cohort
        self._database = store.database

    def fork(self, student: str) -> Fork | None:
        return next(self._forks("AND student = ?", student), None)

    def forks(self) -> dict[str, Fork]:
        return {fork.student: fork for fork in self._forks("")}

    def _forks(self, condition: str, *values: object) -> Iterator[Fork]:
        columns = "student, repository, ref, reason, tip, commit_id, committed, run"
        for row in self._database.execute(
            f"SELECT {columns} FROM forks WHERE cohort = ? {condition}", (self.cohort, *values)
        ):
            student, repository, ref, reason, *rest = row
            yield Fork(student, _told(repository), ref, _told(reason), *rest)

    def save_fork(self, fork: Fork, seen: int | None = None) -> None:
        """Keep the state of a fork, and when its tip was first seen."""
        state = "collected" if fork.collected else "not collected"
        with self.store.transaction() as database:
            database.execute(
                "INSERT OR REPLACE INTO forks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    self.cohort, fork.student, _storable(fork.repository), fork.ref, state, _storable(fork.reason),
                    fork.tip, fork.commit, fork.committed, fork.run,
                ),
            )  # fmt: skip
            before = self.sightings(fork.student)
            if fork.tip and seen is not None and (not before or before[-1][0] != fork.tip):
                database.execute(
                    "INSERT OR REPLACE INTO sightings VALUES (?, ?, ?, ?)", (self.cohort, fork.student, seen, fork.tip)
                )

    def sightings(self, student: str) -> list[tuple[str, int]]:
        """The tips that a branch was collected at with the moments they were first seen there, oldest first."""
        rows = self._database.execute(
            "SELECT tip, seen FROM sightings WHERE cohort = ? AND student = ? ORDER BY seen", (self.cohort, student)
        )
        return [(tip, seen) for tip, seen in rows]

    def unfinished_run(self, but: str) -> str:
        """The id of the cohort's last run if it did not come to its end."""
        row = self._database.execute(
            "SELECT id, finished FROM runs WHERE cohort = ? AND id != ? ORDER BY started DESC, id DESC LIMIT 1",
            (self.cohort, but),
        ).fetchone()
        return str(row[0]) if row and row[1] is None else ""

    def hand_in(self, rows: Iterable[HandedIn]) -> None:
        with self.store.transaction() as database:
            database.executemany(
                "INSERT OR REPLACE INTO handed VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    (self.cohort, r.student, r.module, r.unit, r.changed, r.untouched, json.dumps(r.notes), r.commit)
                    for r in rows
                ),
            )

    def handed(self, student: str) -> dict[str, HandedIn]:
        """What a student handed in, by module."""
        rows = self._database.execute(
            "SELECT module, unit, changed, untouched, notes, commit_id FROM handed WHERE cohort = ? AND student = ?",
            (self.cohort, student),
        )
        return {
            module: HandedIn(student, module, unit, changed, bool(untouched), tuple(json.loads(notes)), commit)
            for module, unit, changed, untouched, notes, commit in rows
        }

    def drop(self, student: str) -> None:
        """Forget what a fork handed in: it is somewhere else now."""
        with self.store.transaction() as database:
            database.execute("DELETE FROM handed WHERE cohort = ? AND student = ?", (self.cohort, student))

    def units(self, modules: Iterable[str], students: Iterable[str]) -> list[UnitRow]:
        """The distinct units that these students handed in for these modules, with where each stands."""
        modules, students = json.dumps(list(modules)), json.dumps(list(students))
        rows = self._database.execute(
            """
            SELECT id, module, submission, settled, flaky, coalesce(outcome, '')
            FROM units LEFT JOIN tries ON tries.unit = units.id AND tries.number = units.shown
            WHERE id IN (
                SELECT unit FROM handed WHERE cohort = ?
                AND module IN (SELECT value FROM json_each(?)) AND student IN (SELECT value FROM json_each(?))
            ) ORDER BY id
            """,
            (self.cohort, modules, students),
        )
        return [UnitRow(u, m, s, bool(settled), bool(flaky), outcome) for u, m, s, settled, flaky, outcome in rows]

    def holder(self, unit: int) -> Fork:
        """A fork whose files a unit is, at the commit where they are."""
        student, commit = self._database.execute(
            "SELECT student, commit_id FROM handed WHERE cohort = ? AND unit = ? "
            "ORDER BY commit_id = '', student LIMIT 1",
            (self.cohort, unit),
        ).fetchone()
        fork = self.fork(student)
        assert fork is not None
        return replace(fork, commit=commit)

    def posted(self, student: str, kind: str) -> str:
        """The digest of what a student's fork was told last; empty where it was told nothing."""
        row = self._database.execute(
            "SELECT digest FROM posted WHERE cohort = ? AND student = ? AND kind = ?", (self.cohort, student, kind)
        ).fetchone()
        return str(row[0]) if row else ""

    def note_posted(self, student: str, kind: str, digest: str) -> None:
        """Note that a fork was told this."""
        with self.store.transaction() as database:
            database.execute(
                "INSERT OR REPLACE INTO posted VALUES (?, ?, ?, ?, ?)", (self.cohort, student, kind, digest, now())
            )

    def seconds_by_module(self) -> dict[str, float]:
        """How long a module's suite takes, as far as it is known."""
        return dict(
            self._database.execute(
                "SELECT module, avg(seconds) FROM tries JOIN units ON id = unit WHERE number > 0 GROUP BY module"
            ).fetchall()
        )
