"""What a failed assertion is reported with: the author's words, and both sides where these leave something to add."""

from pathlib import Path

import httpx
import numpy as np
import pytest
import torch
from _pytest.outcomes import Failed

from mlops_grade.judge.failure import compared, explain
from mlops_grade.student.handles import student_error
from mlops_grade.verdict import Outcome


def reported(message: str, operator: str, left: object, right: object) -> tuple[str, str | None, str | None]:
    text = f"{message}\nassert left {operator} right".lstrip()
    explanation = explain(AssertionError(text), compared(operator, left, right), interacting=True)
    return explanation.message, explanation.expected, explanation.got


def test_without_a_message_both_sides_are_shown() -> None:
    assert reported("", "==", 3, 4) == ("", "4", "3")
    assert reported("", ">=", 3, 4) == ("", "at least 4", "3")


def test_a_message_that_does_not_name_both_sides_is_joined_by_them() -> None:
    assert reported("the sum is off", "==", 10, 12) == ("the sum is off", "12", "10")
    assert reported("after 10.5 s, with n=12", "==", 5, 12) == ("after 10.5 s, with n=12", "12", "5")
    assert reported("what was printed", "==", "", "a") == ("what was printed", "'a'", "''")


@pytest.mark.parametrize(
    ("message", "operator", "left", "right"),
    [
        ("status 500, expected 200", "==", 500, 200),
        ("the mode is L, expected RGB", "==", "L", "RGB"),
        ("there is no file model.pth", "in", "model.pth", ["secret_of_the_suite.pth"]),
        ("tomli is not required", "is", False, True),
        ("lr is to be searched, not ['rate']", "<=", {"lr"}, {"rate"}),
    ],
    ids=["numbers", "words", "collection", "truth", "sets"],
)
def test_a_message_that_says_it_all_stands_alone(message: str, operator: str, left: object, right: object) -> None:
    assert reported(message, operator, left, right) == (message, None, None)


def test_sets_are_not_told_as_if_they_were_numbers() -> None:
    assert reported("", ">=", {"a"}, {"b"}) == ("", "all of {'b'}", "{'a'}")
    assert reported("", "<=", {"a"}, {"b"}) == ("", "nothing besides {'b'}", "{'a'}")


def test_what_should_not_be_there_is_shown_without_saying_that_nothing_was_expected() -> None:
    assert reported("these have no type", "==", ["lr"], []) == ("these have no type", None, "['lr']")
    assert reported("the key stays the same", "!=", "Linux", "Linux") == ("the key stays the same", None, "'Linux'")
    assert reported("7 weights are gone", "==", 7, 0) == ("7 weights are gone", None, None)
    assert reported("", "==", ["lr"], []) == ("", "[]", "['lr']")


def test_a_tensor_of_one_number_is_shown_as_that_number() -> None:
    assert reported("", "<=", torch.tensor(2.5), 1.0) == ("", "at most 1.0", "2.5")
    assert reported("", "==", [np.float64(0.5)], np.int64(3)) == ("", "3", "[0.5]")


@pytest.mark.parametrize(
    ("expected", "said"),
    [(ValueError, "expected ValueError to be raised"), ((KeyError, ValueError), "KeyError, ValueError) to be raised")],
    ids=["one class", "one of two"],
)
def test_what_was_not_raised_is_told_in_words(
    expected: type[Exception] | tuple[type[Exception], ...], said: str
) -> None:
    with pytest.raises(Failed) as failed, pytest.raises(expected):
        pass
    assert said in explain(failed.value, None, interacting=True).message


def test_a_server_that_is_gone_is_told_in_words() -> None:
    gone = explain(httpx.ReadError("Connection reset by peer"), None, interacting=True)
    assert gone.message == "the server ended, or closed the connection (Connection reset by peer)"
    assert explain(httpx.ReadTimeout(""), None, interacting=True).message == "the server did not answer in time"


def test_a_file_of_ours_that_is_missing_is_never_the_students_fault(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as missing:
        (tmp_path / "suite" / "expected.csv").read_bytes()
    assert explain(missing.value, None, interacting=True, ours=tmp_path).outcome is Outcome.GRADER_ERROR
    assert explain(missing.value, None, interacting=True, ours=tmp_path / "other").outcome is Outcome.NOT_PASSED


def test_a_students_error_stays_theirs_whatever_file_it_names(tmp_path: Path) -> None:
    error = student_error(["FileNotFoundError", "OSError"], str(tmp_path / "expected.csv"), ())
    error.filename = str(tmp_path / "expected.csv")  # type: ignore[attr-defined]
    assert explain(error, None, interacting=True, ours=tmp_path).outcome is Outcome.NOT_PASSED
