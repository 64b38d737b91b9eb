"""What changed from one gradebook to the next: the store remembers the states that the last one showed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from mlops_grade.batch.gradebook.book import Gradebook
from mlops_grade.batch.store import Store

# Only what the last gradebook showed is kept: the tables grow with the cohort, not with the runs.
_TABLES = (
    """
    CREATE TABLE IF NOT EXISTS shown (
        cohort TEXT NOT NULL, student TEXT NOT NULL, module TEXT NOT NULL, state TEXT NOT NULL,
        PRIMARY KEY (cohort, student, module)
    ) WITHOUT ROWID
    """,
    "CREATE TABLE IF NOT EXISTS gradebooks (cohort TEXT PRIMARY KEY, written TEXT NOT NULL) WITHOUT ROWID",
)


@dataclass(frozen=True, slots=True)
class Change:
    """A module of a student that stood otherwise in the last gradebook."""

    student: str
    module: str
    before: str
    after: str


@dataclass(frozen=True)
class Changes:
    """The changes since the last gradebook was written; `since` is None where this one is the first."""

    since: datetime | None = None
    found: tuple[Change, ...] = ()


def changes_since_last(book: Gradebook, store: Store) -> Changes:
    """What is not as the last gradebook showed it. A student or module that is new to the cohort is no change."""
    _prepare(store)
    row = store.database.execute("SELECT written FROM gradebooks WHERE cohort = ?", (book.cohort.name,)).fetchone()
    if row is None:
        return Changes()
    before = _remembered(book, store)
    return Changes(
        datetime.fromisoformat(row[0]),
        tuple(
            Change(student, module, before[student, module], state)
            for student, module, state in _states(book)
            if before.get((student, module), state) != state
        ),
    )


def remember(book: Gradebook, store: Store) -> None:
    """Keep what this gradebook shows, for the next one to be compared with."""
    _prepare(store)
    before = _remembered(book, store)
    name = book.cohort.name
    with store.transaction() as database:
        database.executemany(
            "INSERT OR REPLACE INTO shown VALUES (?, ?, ?, ?)",
            ((name, *one) for one in _states(book) if before.get(one[:2]) != one[2]),
        )
        written = book.generated.isoformat(timespec="seconds")
        database.execute("INSERT OR REPLACE INTO gradebooks VALUES (?, ?)", (name, written))


def _prepare(store: Store) -> None:
    with store.transaction() as database:
        for table in _TABLES:
            database.execute(table)


def _remembered(book: Gradebook, store: Store) -> dict[tuple[str, str], str]:
    rows = store.database.execute("SELECT student, module, state FROM shown WHERE cohort = ?", (book.cohort.name,))
    return {(student, module): state for student, module, state in rows}


def _states(book: Gradebook) -> Iterator[tuple[str, str, str]]:
    for row in book.rows:
        for module, cell in row.cells.items():
            yield row.student.id, module, str(cell.state)
