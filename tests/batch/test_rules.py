"""cohort.toml against the roster and the course: what is misspelt is a usage error with the nearest right word."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops_grade.batch.cohort import Cohort, load_cohort
from mlops_grade.batch.rules import fitted
from mlops_grade.batch.settings import load_settings
from mlops_grade.course.discovery import Course
from mlops_grade.errors import UsageError

DECISION = '[[decision]]\nstudent = "{}"\nmodule = "{}"\noutcome = "passed"\nreason = "seen at the desk"\n'
EXTENSION = '[[extension]]\nstudent = "{}"\n{}\nreason = "was ill"\n'
DUE = "[late]\ndue = 2027-01-22\n"


def cohort(tmp_path: Path, course: Course, text: str) -> Cohort:
    roster = "student,repository,lms_id,email\nada,a,4711,ada@example.org\nbob,b,4712,bob@example.org\n"
    (tmp_path / "roster.csv").write_text(roster, encoding="utf-8")
    (tmp_path / "cohort.toml").write_text(text, encoding="utf-8")
    return fitted(load_cohort(tmp_path), course)


@pytest.mark.parametrize(
    ("text", "wrong", "right"),
    [
        ("[late]\nploicy = 'days'\n", "'ploicy'", "'policy'"),
        ("[late]\npolicy = 'day'\n", "'day'", "'days'"),
        ("max_fork_mb = 3\n", "'max_fork_mb'", "'max_fork_mib'"),
        ("[[desicion]]\nstudent = 'ada'\n", "'desicion'", "'decision'"),
        (DECISION.format("ada", "m01") + "weight = 3\n", "decision.1.weight", "the keys are module"),
        ("timezone = 'Europe/Kopenhagen'\n", "'Europe/Kopenhagen'", "'Europe/Copenhagen'"),
        ("timezone = 'copenhagen'\n", "'copenhagen'", "'Europe/Copenhagen'"),
        (DECISION.format("adda", "m01"), "'adda'", "'ada'"),
        (DECISION.format("ada", "m001x"), "'m001x'", "m01"),
        (DECISION.format("ada", "s2"), "'s2' names a session", "m02"),
        (DECISION.format("ada", "m01") + DECISION.format("4711", "add"), "twice", "which one is meant"),
        ("[late]\nmodules = { s22 = 2027-01-22 }\n", "'s22'", "s2"),
        (DUE + EXTENSION.format("bobb", "module = 'm01'\ndays = 2"), "'bobb'", "'bob'"),
        (DUE + EXTENSION.format("bob", "session = 's11'\ndays = 2"), "'s11'", "s1"),
        (DUE + EXTENSION.format("bob", "session = 'm01'\ndays = 2"), "'m01' names a module", "the key module"),
        (EXTENSION.format("bob", "module = 'm01'\ndays = 2"), "nothing is due", "say due"),
    ],
)
def test_a_word_that_means_nothing_is_told_with_the_nearest_that_does(
    tmp_path: Path, course: Course, text: str, wrong: str, right: str
) -> None:
    with pytest.raises(UsageError) as refusal:
        cohort(tmp_path, course, text)
    message = str(refusal.value)
    assert "cohort.toml" in message
    assert wrong in message
    assert right in message


def test_students_and_modules_may_be_named_by_any_of_their_names(tmp_path: Path, course: Course) -> None:
    text = "[late]\nmodules = { basics = 2027-01-22, M2 = 2027-01-23 }\n"
    text += DECISION.format("ada@example.org", "add") + EXTENSION.format("4712", "session = 'Session 2'\ndays = 2")
    settings = cohort(tmp_path, course, text).settings
    assert list(settings.late.modules) == ["s1", "m02"]
    assert [(one.student, one.module) for one in settings.decision] == [("ada", "m01")]
    assert [(one.student, one.session) for one in settings.extension] == [("bob", "s2")]


def test_an_editor_s_mark_at_the_beginning_of_the_file_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "cohort.toml").write_bytes(b'\xef\xbb\xbfname = "autumn"\r\n')
    assert load_settings(tmp_path / "cohort.toml").name == "autumn"
