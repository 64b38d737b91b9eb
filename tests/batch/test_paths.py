"""A cohort whose folders bear any legal letters is graded as any other."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from builders import MAIN, RIGHT, SKELETON, make_course, make_fork, run_batch, write
from mlops_grade.batch.cohort import load_cohort
from mlops_grade.batch.gradebook import Gradebook, State
from mlops_grade.batch.gradebook.write import write_reports
from mlops_grade.batch.store import Store

LETTERS = [
    'it\'s "quoted" [red]x[/red]',
    "100% {student} #1 ü; $(x) & a|b <c>",
    "a::b",
    "http:",
    "me@host:x",
    "two\nlines\tand\\more",
    "-upload-pack=x",
    "  spaces  ",
]
if sys.platform == "linux":
    LETTERS.append(os.fsdecode(b"no \xff utf-8"))


@pytest.mark.parametrize("name", LETTERS)
@pytest.mark.parametrize("by_roster", [True, False], ids=["roster", "folder"])
def test_any_legal_letters_may_stand_in_a_path(
    tmp_path: Path, name: str, by_roster: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = make_course(tmp_path / name / "course")
    cohort = tmp_path / name / "autumn"
    make_fork(cohort / "cloned", RIGHT)
    write(cohort / "unpacked", {**SKELETON, **RIGHT, MAIN: "DONE = 1\n"})
    if by_roster:
        (cohort / "roster.csv").write_text("student,repository\ncloned,cloned\nunpacked,unpacked\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path / name)
    loaded = load_cohort(Path("autumn"))
    run_batch(course, loaded, cohort / ".mlops-grade" / "store")
    book = Gradebook(loaded, course.modules, Store(cohort / ".mlops-grade" / "store"))
    assert [(row.student.id, row.reason, row.cells["m01"].state) for row in book.rows] == [
        ("cloned", "", State.PASSED),
        ("unpacked", "", State.PASSED),
    ]
    write_reports(book, [], [], tmp_path / name / "report")
