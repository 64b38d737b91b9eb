"""Sealed suites: the same bytes for the same input, closed without the key, clear about what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

import small_course
from mlops_grade.course.discovery import Course, load_course
from mlops_grade.course.sealing import (
    PUBLIC_SECRET,
    SEALED,
    SuiteLocked,
    key_at_hand,
    key_from,
    open_files,
    seal,
    suite_digest,
    unseal,
)
from mlops_grade.errors import UsageError

FILES = {"test_a.py": b"def test_a(): ...\n", "expected/rows.csv": b"1,2\n"}
PUBLIC = key_from(PUBLIC_SECRET)
COURSE_KEY = key_from(b"a secret of this course")


def test_what_was_sealed_is_unsealed() -> None:
    for key in (PUBLIC, COURSE_KEY):
        assert unseal(seal("m01", FILES, key), "m01", key, "x") == FILES


def test_the_same_input_gives_the_same_bytes() -> None:
    backwards = dict(reversed(list(FILES.items())))
    assert seal("m01", FILES, COURSE_KEY) == seal("m01", backwards, COURSE_KEY)


def test_nothing_of_the_suite_can_be_read_in_the_archive() -> None:
    assert b"test_a" not in seal("m01", FILES, PUBLIC)


def test_a_suite_without_its_key_is_locked() -> None:
    with pytest.raises(SuiteLocked, match="graded by the course's team"):
        unseal(seal("m01", FILES, COURSE_KEY), "m01", None, "x")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (seal("m01", FILES, COURSE_KEY)[:-3] + b"abc", "damaged"),
        (seal("m01", FILES, COURSE_KEY)[:-40], "damaged"),
        (seal("m02", FILES, COURSE_KEY), "of m02, not of m01"),
        (seal("m01", FILES, key_from(b"another course's secret")), "another key"),
        (b"PK\x03\x04 a zip", "no sealed suite"),
        (b"", "no sealed suite"),
        (b'{"format": "mlops-grade sealed suite 1", "module": "m01", "key": "public"}\n', "damaged"),
    ],
)
def test_a_damaged_or_foreign_archive_is_told(data: bytes, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        unseal(data, "m01", COURSE_KEY, "suite.sealed")


def test_the_key_comes_from_the_environment_or_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("MLOPS_GRADE_KEY", raising=False)
    assert key_at_hand() is None
    monkeypatch.setenv("MLOPS_GRADE_KEY", "a secret of this course")
    assert key_at_hand() == COURSE_KEY
    (tmp_path / "key").write_text("a secret of this course\n")
    assert key_at_hand(tmp_path / "key") == COURSE_KEY
    with pytest.raises(UsageError, match="cannot be read"):
        key_at_hand(tmp_path / "nothing")
    monkeypatch.setenv("MLOPS_GRADE_KEY", "short")
    with pytest.raises(UsageError, match="too short"):
        key_at_hand()


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return small_course.make(tmp_path)


def test_the_digest_of_a_suite_is_the_same_open_and_sealed(course: Course, tmp_path: Path) -> None:
    module = course.modules[0]
    open_digest = suite_digest(module)
    (module.path / SEALED).write_bytes(seal(module.id, open_files(module), PUBLIC))
    module.hidden.rename(tmp_path / "away")
    assert suite_digest(load_course(tmp_path).modules[0]) == open_digest


def test_where_a_key_is_set_a_suite_that_a_student_sealed_with_the_public_key_is_refused() -> None:
    forged = seal("m01", {"test_a.py": b"def test_a(): pass\n"}, PUBLIC)
    with pytest.raises(UsageError, match="not sealed by this course"):
        unseal(forged, "m01", COURSE_KEY, "suite.sealed")


def test_the_mark_of_one_suite_is_none_of_another() -> None:
    marked = seal("m01", FILES, PUBLIC, COURSE_KEY)
    forged = seal("m01", {"test_a.py": b"def test_a(): pass\n"}, PUBLIC, key_from(b"a key of the student's"))
    for data in (forged, seal("m02", FILES, PUBLIC, COURSE_KEY).replace(b'"m02"', b'"m01"')):
        with pytest.raises(UsageError):
            unseal(data, "m01", COURSE_KEY, "suite.sealed")
    assert unseal(marked, "m01", COURSE_KEY, "suite.sealed") == FILES


def test_a_public_suite_of_the_course_opens_with_its_key_and_without() -> None:
    marked = seal("m01", FILES, PUBLIC, COURSE_KEY)
    assert unseal(marked, "m01", COURSE_KEY, "x") == unseal(marked, "m01", None, "x") == FILES


def test_where_a_key_is_set_a_suite_that_lies_open_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = small_course.make(tmp_path).modules[0]
    monkeypatch.setenv("MLOPS_GRADE_KEY", "a secret of this course")
    with pytest.raises(UsageError, match="lies open, and a key is set"):
        suite_digest(module)
