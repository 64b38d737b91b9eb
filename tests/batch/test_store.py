"""The store: verdicts by content, tries kept apart, nothing half-written, nothing from the future."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from builders import check, verdict_on
from mlops_grade.batch.ledger import Ledger
from mlops_grade.batch.store import VERSION, Key, Store
from mlops_grade.course.discovery import Course, Module
from mlops_grade.errors import GraderError, UsageError
from mlops_grade.verdict import ModuleVerdict, Outcome

KEY = Key("m01", "files", "suite", "environment", "timeout=5", 1)


@pytest.fixture
def module(course: Course) -> Module:
    return course.modules[0]


@pytest.fixture
def store(store_path: Path) -> Store:
    return Store(store_path)


def known(store: Store, key: Key = KEY) -> ModuleVerdict | None:
    """The verdict that nothing has to be run for."""
    standing = store.standing(store.unit(key))
    return standing.verdict if standing.settled else None


def timeout(module: Module):
    return verdict_on(module, check("test_add", False, reason="timeout"))


def test_a_settled_verdict_is_found_by_its_key(store: Store, module: Module) -> None:
    verdict = verdict_on(module, check("test_add", True))
    store.add(store.unit(KEY), verdict)
    assert known(store) == verdict


@pytest.mark.parametrize("field", ["module", "submission", "suite", "environment", "limits", "seed"])
def test_another_key_in_any_part_is_another_verdict(store: Store, module: Module, field: str) -> None:
    store.add(store.unit(KEY), verdict_on(module, check("test_add", True)))
    other = Key(**{**KEY.__dict__, field: 2 if field == "seed" else "other"})
    assert known(store, other) is None


def test_a_verdict_without_timeout_or_grader_error_settles_the_matter(store: Store, module: Module) -> None:
    standing = store.add(store.unit(KEY), verdict_on(module, check("test_add", False)))
    assert standing.settled
    assert not standing.flaky


def test_a_timeout_is_tried_three_times_and_then_counts(store: Store, module: Module) -> None:
    standings = [store.add(store.unit(KEY), timeout(module)) for _ in range(3)]
    assert [standing.settled for standing in standings] == [False, False, True]
    assert not standings[-1].flaky
    assert known(store) == timeout(module)


def test_a_pass_after_a_timeout_is_flaky(store: Store, module: Module) -> None:
    store.add(store.unit(KEY), timeout(module))
    standing = store.add(store.unit(KEY), verdict_on(module, check("test_add", True)))
    assert standing.settled
    assert standing.flaky
    assert len(standing.tries) == 2


def test_a_pass_after_a_grader_error_is_not_flaky(store: Store, module: Module) -> None:
    store.add(store.unit(KEY), verdict_on(module, reason="the machine was full"))
    standing = store.add(store.unit(KEY), verdict_on(module, check("test_add", True)))
    assert standing.settled
    assert not standing.flaky
    assert standing.verdict is not None
    assert standing.verdict.outcome is Outcome.PASSED


def test_not_run_is_no_try_and_settles_nothing(store: Store, module: Module) -> None:
    absent = verdict_on(module, check("test_add", True)).model_copy(update={"outcome": Outcome.NOT_RUN})
    for _ in range(5):
        standing = store.add(store.unit(KEY), absent)
    assert not standing.settled
    assert len(standing.tries) == 1
    assert store.add(store.unit(KEY), verdict_on(module, check("test_add", True))).settled


def test_a_store_from_a_newer_version_is_refused_and_left_alone(store: Store, store_path: Path) -> None:
    store.database.execute(f"PRAGMA user_version = {VERSION + 1}")
    store.close()
    before = store_path.read_bytes()
    with pytest.raises(UsageError, match=r"newer mlops-grade.*Upgrade.*--store"):
        Store(store_path)
    assert store_path.read_bytes() == before


def test_another_program_s_database_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "other.sqlite") as other:
        other.execute("CREATE TABLE photos (name)")
    with pytest.raises(UsageError, match="another program"):
        Store(tmp_path / "other.sqlite")


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a database, by any stretch of the word " * 50)
    with pytest.raises(UsageError, match="not a usable SQLite file"):
        Store(tmp_path / "notes.txt")


def test_a_full_disk_loses_nothing_that_was_kept(store: Store, store_path: Path, module: Module) -> None:
    store.add(store.unit(KEY), verdict_on(module, check("test_add", True)))
    pages = store.database.execute("PRAGMA page_count").fetchone()[0]
    store.database.execute(f"PRAGMA max_page_count = {pages}")
    bulky = verdict_on(module, check("test_add", False, output="x" * 1_000_000))
    other = store.unit(Key("m01", "others", "suite", "environment", "timeout=5", 1))
    with pytest.raises(GraderError, match=r"cannot be written.*run the same command again"):
        store.add(other, bulky)
    store.close()
    with Store(store_path) as again:
        assert again.database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert known(again) is not None
        assert again.standing(other).tries == ()


def test_only_one_batch_run_at_a_time(store: Store, store_path: Path) -> None:
    with store.exclusive("autumn"), Store(store_path) as second:
        with pytest.raises(UsageError, match=r"another batch run is at work.*process \d+"), second.exclusive("autumn"):
            pass
        assert known(second) is None, "reading goes on"
    with store.exclusive("autumn"):
        pass


def test_a_matter_that_is_opened_again_keeps_its_tries(store: Store, module: Module) -> None:
    unit = store.unit(KEY)
    store.add(unit, timeout(module))
    store.add(unit, verdict_on(module, check("test_add", True)))
    store.reopen(unit)
    reopened = store.standing(unit)
    assert not reopened.settled
    assert reopened.shown is not None, "the last try counts until there is a newer one"
    decided = store.add(unit, verdict_on(module, check("test_add", True)))
    assert [one.number for one in decided.tries] == [1, 2, 3]
    assert (decided.settled, decided.flaky) == (True, False), "the newer tries decide"
    assert decided.shown is not None
    assert decided.shown.number == 3


def test_opening_what_was_never_tried_changes_nothing(store: Store) -> None:
    unit = store.unit(KEY)
    store.reopen(unit)
    assert store.standing(unit).tries == ()


def test_tries_that_all_end_for_time_do_not_disagree(store: Store, module: Module) -> None:
    unit = store.unit(KEY)
    for late in ((True, False, False), (False, False, True), (True, True, True)):
        checks = (check(f"test_{place}", not slow, reason="timeout" * slow) for place, slow in enumerate(late))
        standing = store.add(unit, verdict_on(module, *checks))
    assert standing.settled
    assert not standing.flaky, "which checks the time runs out for is chance"
    assert standing.verdict is not None
    assert standing.verdict.outcome is Outcome.NOT_PASSED


def test_whole_tries_disagree_when_any_check_does(store: Store, module: Module) -> None:
    unit = store.unit(KEY)
    store.add(unit, verdict_on(module, check("test_a", False), check("test_b", True)))
    assert store.add(unit, verdict_on(module, check("test_a", True), check("test_b", False))).flaky


def test_a_store_of_the_first_version_is_read_on(store_path: Path, module: Module) -> None:
    with Store(store_path) as store:
        store.add(store.unit(KEY), verdict_on(module, check("test_add", True)))
        store.database.executescript(
            "ALTER TABLE units DROP COLUMN reopened; ALTER TABLE handed DROP COLUMN commit_id;"
            "INSERT INTO forks VALUES ('autumn', 'ada', '', '', 'collected', '', 'c0ffee', 'c0ffee', 0, '');"
            "INSERT INTO handed VALUES ('autumn', 'ada', 'm01', 1, 0, 0, '[]');"
            "DROP TABLE seeds; DROP TABLE posted; PRAGMA user_version = 1"
        )
    with Store(store_path) as store:
        assert known(store) is not None
        assert Ledger(store, "autumn").handed("ada")["m01"].commit == "c0ffee"
        assert store.seed("autumn") == store.seed("autumn")
    with Store(store_path) as store:
        assert store.database.execute("PRAGMA user_version").fetchone()[0] == VERSION
