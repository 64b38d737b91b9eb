"""Verdicts kept by content in one SQLite file: equal work is graded once, and every try is kept.

A verdict is a function of the files, the suite, the environment, the limits and the seed; those are its key. A try that
ended in a grader error or a timeout is kept apart from the others and tried again; two tries that disagree mark the
verdict as flaky, for a person to look at. No try is ever deleted: a matter that is opened again is weighed by its newer
tries.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import socket
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from pathlib import Path

from mlops_grade.errors import GraderError, UsageError
from mlops_grade.verdict import ModuleVerdict, Outcome

VERSION = 2
APPLICATION_ID = 0x4D4C4F47  # "MLOG": tells our files from other SQLite files
MAX_TRIES = 3

_SCHEMA = """
CREATE TABLE units (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    module TEXT NOT NULL, submission TEXT NOT NULL, suite TEXT NOT NULL,
    environment TEXT NOT NULL, limits TEXT NOT NULL, seed INTEGER NOT NULL,
    settled INTEGER NOT NULL DEFAULT 0,     -- nothing more is to be tried
    flaky INTEGER NOT NULL DEFAULT 0,       -- tries disagree
    shown INTEGER,                          -- the number of the try that counts
    reopened INTEGER NOT NULL DEFAULT 0     -- only tries after this one are weighed: the matter was opened again
);
CREATE TABLE tries (
    unit INTEGER NOT NULL REFERENCES units(id),
    number INTEGER NOT NULL,                -- from 1; 0 is "not run", which is no try at all
    outcome TEXT NOT NULL,
    transient INTEGER NOT NULL,             -- a grader error or a timeout
    signature TEXT NOT NULL,                -- what two tries must agree in
    seconds REAL NOT NULL, cpu_seconds REAL NOT NULL,
    host TEXT NOT NULL, finished TEXT NOT NULL,
    verdict TEXT NOT NULL,
    PRIMARY KEY (unit, number)
) WITHOUT ROWID;
CREATE TABLE forks (
    cohort TEXT NOT NULL, student TEXT NOT NULL,
    repository TEXT NOT NULL, ref TEXT NOT NULL,
    state TEXT NOT NULL, reason TEXT NOT NULL,
    tip TEXT NOT NULL, commit_id TEXT NOT NULL, committed INTEGER, run TEXT NOT NULL,
    PRIMARY KEY (cohort, student)
) WITHOUT ROWID;
CREATE TABLE sightings (
    cohort TEXT NOT NULL, student TEXT NOT NULL, seen INTEGER NOT NULL, tip TEXT NOT NULL,
    PRIMARY KEY (cohort, student, seen)
) WITHOUT ROWID;
CREATE TABLE handed (
    cohort TEXT NOT NULL, student TEXT NOT NULL, module TEXT NOT NULL, unit INTEGER NOT NULL REFERENCES units(id),
    changed INTEGER, untouched INTEGER NOT NULL, notes TEXT NOT NULL,
    commit_id TEXT NOT NULL DEFAULT '',     -- the state of the fork that the files are from
    PRIMARY KEY (cohort, student, module)
) WITHOUT ROWID;
CREATE TABLE runs (
    id TEXT PRIMARY KEY, cohort TEXT NOT NULL, host TEXT NOT NULL, process INTEGER NOT NULL,
    started TEXT NOT NULL, finished TEXT
) WITHOUT ROWID;
CREATE TABLE seeds (
    cohort TEXT PRIMARY KEY, seed INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE posted (
    cohort TEXT NOT NULL, student TEXT NOT NULL, kind TEXT NOT NULL, digest TEXT NOT NULL, posted TEXT NOT NULL,
    PRIMARY KEY (cohort, student, kind)
) WITHOUT ROWID;
CREATE INDEX handed_units ON handed (unit);
CREATE INDEX units_by_module ON units (module, submission);
"""


def _table(name: str) -> str:
    """The statement of the schema that makes a table."""
    return next(statement for statement in _SCHEMA.split(";\n") if statement.startswith(f"CREATE TABLE {name} "))


# What a store of an earlier version lacks: version to statements.
_LATER = {
    1: (
        _table("seeds"),
        _table("posted"),
        "ALTER TABLE units ADD COLUMN reopened INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE handed ADD COLUMN commit_id TEXT NOT NULL DEFAULT ''",
        "UPDATE handed SET commit_id = coalesce((SELECT commit_id FROM forks"
        " WHERE forks.cohort = handed.cohort AND forks.student = handed.student), '')",
    )
}
MAX_SEED = 2**31


@dataclass(frozen=True)
class Key:
    """What a verdict is a function of."""

    module: str
    submission: str
    suite: str
    environment: str
    limits: str
    seed: int

    @property
    def digest(self) -> str:
        return hashlib.sha256("\n".join(map(str, astuple(self))).encode()).hexdigest()


@dataclass(frozen=True)
class Try:
    """One run of one suite over one submission, as it is kept."""

    number: int
    verdict: ModuleVerdict
    transient: bool
    signature: str
    host: str
    finished: str


@dataclass(frozen=True)
class Standing:
    """What the tries of one key come to."""

    unit: int
    settled: bool
    flaky: bool
    tries: tuple[Try, ...]
    shown: Try | None

    @property
    def verdict(self) -> ModuleVerdict | None:
        return self.shown.verdict if self.shown else None


def is_transient(verdict: ModuleVerdict) -> bool:
    """Whether another try could end otherwise through no change of the student's: grader errors and timeouts."""
    return verdict.outcome is Outcome.GRADER_ERROR or any(check.reason == "timeout" for check in verdict.checks)


def signature(verdict: ModuleVerdict) -> str:
    """What two tries must agree in: each check's outcome. Durations and the wording of messages may differ."""
    lines = [str(verdict.outcome), *sorted(f"{check.name}\t{check.outcome}" for check in verdict.checks)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def weigh(tries: Iterable[Try]) -> tuple[bool, bool, int | None]:
    """The rule: (settled, flaky, the try that counts).

    A try that is neither a grader error nor a timeout settles the matter; so do three tries. Grader errors say nothing
    about the student, so they never make a verdict flaky. Tries disagree when the module's outcome differs; of two that
    no timeout cut short, when any check's does: which checks the time ran out for is chance.
    """
    real = [one for one in tries if one.number > 0]
    if not real:
        return False, False, 0 if tuple(tries) else None
    firm = [one for one in real if not one.transient]
    judged = [one for one in real if one.verdict.outcome is not Outcome.GRADER_ERROR]
    counts = (firm or judged or real)[-1]
    outcomes = {one.verdict.outcome for one in judged}
    flaky = len(outcomes) > 1 or len({one.signature for one in firm}) > 1
    return bool(firm) or len(real) >= MAX_TRIES, flaky, counts.number


class Store:
    """One SQLite file in WAL mode. One process writes a cohort at a time; any number may read meanwhile.

    Raises UsageError for a file that is not ours or is from a newer version, GraderError when the disk is full.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._explained():
            path.parent.mkdir(parents=True, exist_ok=True)
            self.database = sqlite3.connect(path, timeout=300, isolation_level=None)
            try:
                self._prepare()
            except BaseException:
                self.database.close()
                raise

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        self.database.close()

    def _prepare(self) -> None:
        version, mark = self._pragma("user_version"), self._pragma("application_id")
        tables = self.database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if tables and mark != APPLICATION_ID:
            raise UsageError(f"{self.path} is an SQLite file of another program: name another one with --store")
        if version > VERSION:
            raise UsageError(
                f"{self.path} was written by a newer mlops-grade (store version {version}; this one reads up to "
                f"{VERSION}). Upgrade mlops-grade, or name another file with --store: nothing was changed."
            )
        self.database.execute("PRAGMA journal_mode = WAL")
        # In WAL mode NORMAL survives the death of the process; after a power cut the last verdicts may be regraded.
        self.database.execute("PRAGMA synchronous = NORMAL")
        self.database.execute("PRAGMA foreign_keys = ON")
        if version < VERSION:
            with self.transaction():
                self._upgrade()

    def _upgrade(self) -> None:
        version = self._pragma("user_version")  # another process may have been quicker
        if version == 0:
            for statement in _SCHEMA.split(";\n"):
                self.database.execute(statement)
            self.database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        for earlier in range(version or VERSION, VERSION):
            for statement in _LATER[earlier]:
                self.database.execute(statement)
        self.database.execute(f"PRAGMA user_version = {VERSION}")

    def _pragma(self, name: str) -> int:
        return int(self.database.execute(f"PRAGMA {name}").fetchone()[0])

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of the block is written, or nothing."""
        with self._explained():
            self.database.execute("BEGIN IMMEDIATE")
            try:
                yield self.database
                self.database.execute("COMMIT")
            except BaseException:
                if self.database.in_transaction:
                    self.database.execute("ROLLBACK")
                raise

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", None)
            if isinstance(error, sqlite3.DatabaseError) and code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
                raise UsageError(f"{self.path} is not a usable SQLite file ({error}): name another one") from error
            raise GraderError(
                f"{self.path} cannot be written: {error}. What was kept before is safe; free some space or mend the "
                "permissions, then run the same command again: it goes on where it stopped."
            ) from error
        except OSError as error:
            raise UsageError(f"{self.path} cannot be opened: {error.strerror}. Name another file.") from error

    @contextmanager
    def exclusive(self, cohort: str) -> Iterator[str]:
        """Be the only batch run on this store, and give the run's id. Raises UsageError when another one is at work.

        The lock is SQLite's own on a file beside the store: the system drops it when the process dies, however.
        """
        lock = sqlite3.connect(f"{self.path}.lock", timeout=0, isolation_level=None)
        try:
            try:
                lock.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError:
                raise UsageError(
                    f"another batch run is at work on {self.path}{self._who()}: wait for it, or name "
                    "another file with --store"
                ) from None
            run = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}-{os.getpid()}"
            with self.transaction() as database:
                database.execute(
                    "INSERT INTO runs VALUES (?, ?, ?, ?, ?, NULL)",
                    (run, cohort, socket.gethostname(), os.getpid(), now()),
                )
            yield run
            with self.transaction() as database:
                database.execute("UPDATE runs SET finished = ? WHERE id = ?", (now(), run))
        finally:
            lock.close()

    def _who(self) -> str:
        row = self.database.execute(
            "SELECT process, host, started FROM runs WHERE finished IS NULL ORDER BY started DESC LIMIT 1"
        ).fetchone()
        return f" (process {row[0]} on {row[1]}, since {row[2]})" if row else ""

    def seed(self, cohort: str) -> int:
        """The cohort's own seed, drawn when it is asked for first: nobody knows it before."""
        with self.transaction() as database:
            database.execute("INSERT OR IGNORE INTO seeds VALUES (?, ?)", (cohort, 1 + secrets.randbelow(MAX_SEED - 1)))
            return int(database.execute("SELECT seed FROM seeds WHERE cohort = ?", (cohort,)).fetchone()[0])

    # Units and tries

    def unit(self, key: Key) -> int:
        """The number under which a key is kept, made when it is new. Call it inside a transaction when writing many."""
        row = self.database.execute("SELECT id FROM units WHERE key = ?", (key.digest,)).fetchone()
        if row:
            return int(row[0])
        values = (key.digest, *astuple(key))
        columns = "key, module, submission, suite, environment, limits, seed"
        with self._explained():
            made = self.database.execute(f"INSERT INTO units ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)", values)
        assert made.lastrowid is not None
        return made.lastrowid

    def key(self, unit: int) -> Key:
        row = self.database.execute(
            "SELECT module, submission, suite, environment, limits, seed FROM units WHERE id = ?", (unit,)
        ).fetchone()
        return Key(*row)

    def add(self, unit: int, verdict: ModuleVerdict, host: str = "") -> Standing:
        """Keep one more try, and say what the tries come to now. Written whole or not at all."""
        with self.transaction() as database:
            if verdict.outcome is Outcome.NOT_RUN:
                number = 0
            else:
                number = 1 + int(
                    database.execute("SELECT coalesce(max(number), 0) FROM tries WHERE unit = ?", (unit,)).fetchone()[0]
                )
            database.execute(
                "INSERT OR REPLACE INTO tries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    unit, number, str(verdict.outcome), is_transient(verdict), signature(verdict), verdict.seconds,
                    verdict.cpu_seconds, host or socket.gethostname(), now(), verdict.model_dump_json(),
                ),
            )  # fmt: skip
            settled, flaky, shown = weigh(self._weighed(unit))
            database.execute(
                "UPDATE units SET settled = ?, flaky = ?, shown = ? WHERE id = ?", (settled, flaky, shown, unit)
            )
        return self.standing(unit)

    def reopen(self, unit: int) -> None:
        """Have a unit graded afresh. Its tries stay, and count until a newer one does."""
        with self.transaction() as database:
            database.execute(
                "UPDATE units SET settled = 0, reopened = (SELECT max(number) FROM tries WHERE unit = units.id) "
                "WHERE id = ? AND EXISTS (SELECT 1 FROM tries WHERE unit = units.id)",
                (unit,),
            )

    def _weighed(self, unit: int) -> tuple[Try, ...]:
        """The tries since the matter was last opened; all of them as long as there is no newer one."""
        tries = self.tries(unit)
        reopened = self.database.execute("SELECT reopened FROM units WHERE id = ?", (unit,)).fetchone()[0]
        newer = tuple(one for one in tries if one.number > reopened)
        return newer or tries

    def tries(self, unit: int) -> tuple[Try, ...]:
        rows = self.database.execute(
            "SELECT number, verdict, transient, signature, host, finished FROM tries WHERE unit = ? ORDER BY number",
            (unit,),
        )
        return tuple(
            Try(number, ModuleVerdict.model_validate_json(verdict), bool(transient), mark, host, finished)
            for number, verdict, transient, mark, host, finished in rows
        )

    def standing(self, unit: int) -> Standing:
        row = self.database.execute("SELECT settled, flaky, shown FROM units WHERE id = ?", (unit,)).fetchone()
        tries = self.tries(unit)
        shown = next((one for one in tries if one.number == row[2]), None)
        return Standing(unit, bool(row[0]), bool(row[1]), tries, shown)


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
