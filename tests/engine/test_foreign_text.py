"""Texts as other systems write them: named where a tool stumbles over them, no matter where it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

import small_course
from mlops_grade.course.submission import Submission, from_checkout, is_same_text
from mlops_grade.judge.foreign_text import with_foreign_text_named
from mlops_grade.verdict import Check, Outcome

SCRIPT = b"#!/bin/bash\necho hello\n"


def first_message(files: dict[str, bytes], *outcomes: Outcome) -> str:
    given = outcomes or (Outcome.PASSED, Outcome.NOT_PASSED)
    checks = tuple(
        Check(name=f"test_{place}", title="it works", outcome=outcome, message="bash: not found")
        for place, outcome in enumerate(given)
    )
    told = with_foreign_text_named(checks, Submission(files))
    return next((check.message for check in told if check.outcome is Outcome.NOT_PASSED), "")


@pytest.mark.parametrize(
    ("path", "data", "said"),
    [
        ("run.sh", SCRIPT.replace(b"\n", b"\r\n"), "run.sh has the line ends of Windows (CRLF)"),
        ("names.txt", b"a\r\nb\r\n", "names.txt has the line ends of Windows (CRLF)"),
        ("Dockerfile", b"FROM x\r\n", "Dockerfile has the line ends of Windows (CRLF)"),
        ("tool.py", b"#!/usr/bin/env python3\r\n", "tool.py has the line ends of Windows (CRLF)"),
        ("requirements.txt", "torch==2.6\n".encode("utf-16"), "requirements.txt is UTF-16 text"),
        ("model.py", "x = 1\n".encode("utf-16"), "model.py is UTF-16 text"),
        ("pyproject.toml", b"\xef\xbb\xbf[project]\n", "pyproject.toml begins with a byte order mark"),
        ("policy.json", b"\xef\xbb\xbf{}", "policy.json begins with a byte order mark"),
        ("run.sh", b"\xef\xbb\xbf" + SCRIPT, "run.sh begins with a byte order mark"),
        ("notes.txt", "Søren\n".encode("latin-1"), "notes.txt is not UTF-8 text"),
    ],
)
def test_a_text_that_its_tool_cannot_read_is_named_first(path: str, data: bytes, said: str) -> None:
    message = first_message({path: data})
    assert message.startswith(said)
    assert message.endswith(". bash: not found"), "what was found stands after it"


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("run.sh", SCRIPT),
        ("model.py", b"x = 1\r\n"),
        ("model.py", b"\xef\xbb\xbfx = 1\r\n"),
        ("pyproject.toml", b"[project]\r\n"),
        ("policy.json", b"{}\r\n"),
        ("tests.yaml", b"\xef\xbb\xbfon: push\r\n"),
        ("weights.bin", b"\0\r\n\xff"),
    ],
)
def test_what_every_tool_reads_is_not_spoken_of(path: str, data: bytes) -> None:
    assert first_message({path: data}) == "bash: not found"


def test_work_that_passes_hears_nothing() -> None:
    checks = (Check(name="test_a", title="it works", outcome=Outcome.PASSED),)
    assert with_foreign_text_named(checks, Submission({"run.sh": b"echo\r\n"})) == checks


def test_a_check_that_is_required_is_told_before_an_extra_one() -> None:
    extra = Check(name="test_extra", title="more", outcome=Outcome.NOT_PASSED, required=False)
    needed = Check(name="test_needed", title="it works", outcome=Outcome.NOT_PASSED)
    told = with_foreign_text_named((extra, needed), Submission({"run.sh": b"echo\r\n"}))
    assert (told[0].message, "CRLF" in told[1].message) == ("", True)


def test_a_given_file_with_other_line_ends_was_not_changed(tmp_path: Path) -> None:
    module = small_course.make(tmp_path / "course").modules[0]
    folder = small_course.hand_in(tmp_path / "ada", module, {})
    (folder / "given.txt").write_bytes(b"given\r\n")
    assert from_checkout(tmp_path / "ada", module).notes == ()
    (folder / "given.txt").write_bytes(b"mine\r\n")
    assert "given.txt was changed" in from_checkout(tmp_path / "ada", module).notes[0]


def test_only_line_ends_are_no_difference() -> None:
    one = Submission({"a.py": b"x = 1\n", "b.bin": b"\0\n"})
    assert is_same_text(one, Submission({"a.py": b"x = 1\r\n", "b.bin": b"\0\n"}))
    assert not is_same_text(one, Submission({"a.py": b"x = 1\r\n", "b.bin": b"\0\r\n"})), "what is no text is as it is"
    assert not is_same_text(one, Submission({"a.py": b"x = 2\n", "b.bin": b"\0\n"}))
    assert not is_same_text(one, Submission({"a.py": b"x = 1\n"}))
