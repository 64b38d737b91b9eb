"""Taking work in: only what is on the list, only regular files, never more than the caps."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mlops_grade.course import submission
from mlops_grade.course.allowlist import matches
from mlops_grade.course.submission import Submission, from_folder


def test_only_what_is_on_the_list_is_taken(tmp_path: Path) -> None:
    for name in ("model.py", "conftest.py", "pytest.ini", "torch.py", "sitecustomize.py"):
        (tmp_path / name).write_text("x")
    assert set(from_folder(tmp_path, ("model.py",)).files) == {"model.py"}


@pytest.mark.parametrize(
    ("path", "pattern", "expected"),
    [
        ("a.py", "*.py", True),
        ("src/a.py", "*.py", False),
        ("src/a.py", "src/**/*.py", True),
        ("src/p/q/a.py", "src/**/*.py", True),
        ("src/a.txt", "src/**", True),
        ("a.pyc", "*.py", False),
        ("aXpy", "a.py", False),
    ],
)
def test_patterns_stay_in_their_folder(path: str, pattern: str, expected: bool) -> None:
    assert matches(path, [pattern]) is expected


def test_what_cannot_be_taken_is_named_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("secret")
    (tmp_path / "link.py").symlink_to("target")
    (tmp_path / "folder.py").mkdir()
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "inner.py").write_text("secret")
    (tmp_path / "linked").symlink_to("elsewhere")
    wanted = ("link.py", "folder.py", "pipe.py", "linked/inner.py", "absent.py", "rows/*.csv")
    taken = from_folder(tmp_path, wanted)
    assert taken.files == {}
    reasons = {problem.path: problem.reason for problem in taken.problems}
    assert "symbolic link" in reasons["link.py"]
    assert "folder" in reasons["folder.py"]
    assert "regular file" in reasons["pipe.py"]
    assert "symbolic link" in reasons["linked/inner.py"]
    assert "not handed in" in reasons["absent.py"]
    assert "nothing that matches" in reasons["rows/*.csv"]


def test_a_huge_file_is_left_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(submission, "MAX_FILE_BYTES", 1 << 20)
    with (tmp_path / "model.py").open("wb") as file:
        file.truncate((1 << 20) + 1)
    taken = from_folder(tmp_path, ("model.py",))
    assert not taken.files
    assert "larger than 1 MiB" in taken.problems[0].reason


def test_the_digest_depends_on_names_and_bytes_and_not_on_order() -> None:
    one = Submission({"a": b"1", "b": b"2"})
    assert one.digest == Submission({"b": b"2", "a": b"1"}).digest
    others = [{"a": b"12", "b": b""}, {"a": b"2", "b": b"1"}, {"ab": b"12"}, {"a": b"1"}]
    assert len({one.digest, *(Submission(files).digest for files in others)}) == 5
