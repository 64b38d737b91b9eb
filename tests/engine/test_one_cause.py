"""One cause makes one failure, and nothing of the grader's own is shown beside it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from mlops_grade.judge.causes import told_once
from mlops_grade.judge.failure import Explanation, output_tail, without_suite
from mlops_grade.judge.printed import helpful, without_ours
from mlops_grade.reports.wording import findings
from mlops_grade.verdict import Check, Frame, Outcome

PLACE = Frame(file="model.py", line=7, function="forward", code="return self.layers(x)")


def failed(name: str, message: str, **fields: Any) -> Check:
    given = {"reason": "exception", "hint": f"the hint of {name}", **fields}
    return Check(name=name, title=f"Check {name}", outcome=Outcome.NOT_PASSED, message=message, **given)


# ------------------------------------------------------------------------------------------------------- one cause


def test_the_same_exception_at_the_same_place_is_told_once() -> None:
    first, second = told_once(
        [failed("a", "TypeError: x", traceback=(PLACE,)), failed("b", "TypeError: x", traceback=(PLACE,))]
    )
    assert (first.message, first.reason) == ("TypeError: x", "exception")
    assert (second.message, second.reason, second.after) == (
        "not reached, for the same reason as: Check a",
        "unreached",
        "a",
    )
    assert second.outcome is Outcome.NOT_PASSED, "what it looks at may be wrong, too"
    assert (second.hint, second.traceback) == ("", ())


def test_a_file_that_is_missing_is_told_once() -> None:
    checks = told_once([failed(name, "there is no file train.py", reason="missing") for name in "abc"])
    assert [check.reason for check in checks] == ["missing", "unreached", "unreached"]


def test_another_place_another_message_and_an_assertion_are_causes_of_their_own() -> None:
    elsewhere = PLACE.model_copy(update={"line": 9})
    checks = [
        failed("a", "TypeError: x", traceback=(PLACE,)),
        failed("b", "TypeError: x", traceback=(elsewhere,)),
        failed("c", "TypeError: y", traceback=(PLACE,)),
        failed("d", "the shape", reason="assertion"),
        failed("e", "the shape", reason="assertion"),
        failed("f", "TypeError: x"),
        failed("g", "TypeError: x"),
    ]
    assert list(told_once(checks)) == checks


def test_what_was_not_reached_stands_with_what_kept_it_from_that() -> None:
    checks = list(
        told_once(
            [
                failed("a", "TypeError: x", traceback=(PLACE,)),
                failed("b", "the shape", reason="assertion"),
                failed("c", "TypeError: x", traceback=(PLACE,), required=False),
            ]
        )
    )
    assert [[check.name for check in finding.checks] for finding in findings(checks)] == [["a", "c"], ["b"]]
    texts = [part.text for part in findings(checks)[0].parts]
    assert texts == ["TypeError: x", "model.py:7 in forward\n    return self.layers(x)", "the hint of a"]


def test_checks_under_one_message_keep_their_hints() -> None:
    (finding,) = findings([failed(name, "the shape", reason="assertion") for name in "ab"])
    assert [part.text for part in finding.parts if part.label == "hint"] == ["the hint of a", "the hint of b"]


# ------------------------------------------------------------------------------------------------- nothing of ours

TRACEBACK = """Traceback (most recent call last):
  File "/workspace/ranks.py", line 36, in <module>
    spawn(run)
    ~~~~~^^^^^
  File "/workspace/train.py", line 3, in run
    loss.backwards()
AttributeError: 'Tensor' object has no attribute 'backwards'"""


def test_frames_in_files_of_the_suite_are_left_out() -> None:
    assert without_ours(TRACEBACK, {"ranks.py"}).splitlines() == [
        "Traceback (most recent call last):",
        '  File "/workspace/train.py", line 3, in run',
        "    loss.backwards()",
        "AttributeError: 'Tensor' object has no attribute 'backwards'",
    ]
    assert without_ours(TRACEBACK) == TRACEBACK, "a student may well have a file of that name"


def test_frames_of_the_grader_are_left_out() -> None:
    text = """Traceback:
  File "<probe>", line 7, in watch_training
    model(x)
  File "/x/mlops_grade/student/program.py", line 1, in f
KeyError: 1"""
    assert without_ours(text) == "Traceback:\nKeyError: 1"


def test_a_script_of_the_suite_is_not_named() -> None:
    assert without_ours("in_folder.sh: line 3: cd: data: no such file", {"in_folder.sh"}) == "cd: data: no such file"
    assert without_ours("run.sh: line 3: cd: x", {"in_folder.sh"}) == "run.sh: line 3: cd: x"
    assert without_ours("it says: '/workspace/in_folder.sh: line 12: cd: x'", {"in_folder.sh"}) == "it says: 'cd: x'"


def test_a_traceback_loses_the_frames_of_the_suites_files() -> None:
    ours = PLACE.model_copy(update={"file": "ranks.py"})
    explanation = Explanation(Outcome.NOT_PASSED, "exception", "KeyError: 1", traceback=(ours, PLACE))
    assert without_suite(explanation, {"ranks.py"}).traceback == (PLACE,)


def test_chatter_of_libraries_is_left_out_and_what_the_student_says_is_kept() -> None:
    printed = """/env/lib/python3.11/site-packages/starlette/testclient.py:1: DeprecationWarning: use httpx2
  import httpx
model.py:3: UserWarning: my own
[W1125 05:00:00.000 socket.cpp:752] [c10d] The hostname of the client socket cannot be retrieved
[I 2025-11-25 05:00:00,123] Trial 3 finished with value: 0.5
 37%|███▋      | 3/8 [00:01<00:02,  2.1it/s]
GPU available: False, used: False
  | Name  | Type   | Params
INFO:     Started server process [3]
epoch 1: loss 0.3
ValueError: no"""
    assert helpful(printed).splitlines() == ["model.py:3: UserWarning: my own", "epoch 1: loss 0.3", "ValueError: no"]
    assert output_tail(printed, helpful).endswith("ValueError: no")


@pytest.mark.parametrize(
    "piece", [" ", "\n", "a", "\"'", "/", "a/", "| ", "│ ", "9", "9%|", "[W100 ", '  File "', "(", "a.py:1: "]
)
def test_no_output_keeps_the_judge_busy(piece: str) -> None:
    """Whatever is printed, and however much: a pattern that tries every place against every other takes hours here."""
    text = piece * (1_000_000 // len(piece))
    with processor_seconds(20):
        output_tail(text, lambda text: helpful(text, {"in_folder.sh", "data/run.sh"}))
        without_ours(text, {"in_folder.sh"})


@contextmanager
def processor_seconds(most: int) -> Iterator[None]:
    """Give up after so much time of this process on a core, however long that takes."""

    def give_up(number: int, frame: object) -> None:
        pytest.fail(f"not done after {most} s of computing")

    before = signal.signal(signal.SIGVTALRM, give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, most)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
