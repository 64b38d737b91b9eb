"""From an exception in a check to what the student reads: message, expected and got, their own traceback."""

from __future__ import annotations

import math
import os
import re
import reprlib
from collections.abc import Callable, Collection, Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from _pytest.outcomes import Failed

from mlops_grade.course.extras import extra_with, installing
from mlops_grade.errors import GraderError, MachineTooBusy
from mlops_grade.judge.fence import Fenced
from mlops_grade.judge.printed import without_ours
from mlops_grade.student.handles import StudentError, StudentFailure
from mlops_grade.verdict import Frame, Outcome

MAX_TEXT = 2_000
MAX_VALUE = 600
_WORDS = {
    "==": "", "is": "", "!=": "anything but ", "<": "less than ", "<=": "at most ", ">": "more than ",
    ">=": "at least ", "in": "one of ", "not in": "none of ", "is not": "anything but ",
    "subset": "nothing besides ", "superset": "all of ",
}  # fmt: skip
_EMPTY = ("[]", "()", "{}", "set()", "''", "None", "0")
_OF_SETS = {"<=": "subset", ">=": "superset"}
_CONTROL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class SuiteHangs(BaseException):
    """Raised in a check that has been busy with itself for too long. No suite catches it by mistake."""


@dataclass(frozen=True)
class Explanation:
    """What a check that did not pass is reported with."""

    outcome: Outcome
    reason: str = ""
    message: str = ""
    expected: str | None = None
    got: str | None = None
    traceback: tuple[Frame, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """The two sides of a comparison that did not hold: the left is what the student's code gave."""

    operator: str
    got: str
    wanted: str

    @property
    def expected(self) -> str:
        return _WORDS.get(self.operator, f"{self.operator} ") + self.wanted

    @property
    def names_what_is_wrong(self) -> bool:
        """Whether the left side alone says it: it should have been empty, or something else."""
        return self.operator == "!=" or (self.operator in ("==", "is") and self.wanted in _EMPTY)

    def is_told_by(self, message: str) -> bool:
        """Whether the author's words leave nothing to add: both sides are in them, or say nothing by themselves."""
        if self.operator in ("in", "not in", "is not", "subset", "superset") or self.wanted in ("True", "False"):
            return True
        sides = (self.got,) if self.names_what_is_wrong else (self.got, self.wanted)
        return all(_names(message, side.strip("'\"")) for side in sides)


def _names(message: str, value: str) -> bool:
    """Whether the value stands in the message by itself: 5 does not stand in 0.5, nor in 15."""
    return bool(value) and re.search(rf"(?<![\w.-]){re.escape(value)}(?!\w|\.\w)", message) is not None


def compared(operator: str, left: object, right: object) -> Comparison:
    if isinstance(left, Set) and isinstance(right, Set):
        operator = _OF_SETS.get(operator, operator)
    return Comparison(operator, value_text(left), value_text(right))


def clean(text: str, limit: int = MAX_TEXT) -> str:
    """Text from a student without control characters, shortened in the middle."""
    text = _CONTROL.sub("", text.replace("\r\n", "\n"))
    if len(text) <= limit:
        return text
    return f"{text[: limit // 2]} … {text[-limit // 2 :]}"


class _Repr(reprlib.Repr):
    def __init__(self) -> None:
        super().__init__()
        self.maxlist = self.maxtuple = self.maxset = self.maxdict = 12
        self.maxstring = self.maxother = MAX_VALUE
        self.maxlevel = 4

    def repr1(self, value: Any, level: int) -> str:
        # One number is told without numpy or torch around it. By its type: a handle would ask the student.
        if type(value).__module__ in ("numpy", "torch") and getattr(value, "ndim", None) == 0:
            value = value.item()
        return super().repr1(value, level)

    def repr_bytes(self, value: bytes, level: int) -> str:
        return repr(value[:MAX_VALUE])

    def repr_ndarray(self, value: Any, level: int) -> str:
        # Arrays of many dimensions are shortened in each: what is left of nine is ten million numbers.
        if value.ndim <= 2 or math.prod(value.shape) <= 1_000:
            return repr(value)
        return f"{type(value).__name__.lower()} of shape {tuple(value.shape)}: {value.reshape(-1)[:6].tolist()} …"

    repr_Tensor = repr_ndarray


def value_text(value: object) -> str:
    """A value as a person reads it, in bounded length. Never fails."""
    try:
        return clean(_Repr().repr(value), MAX_VALUE)
    except Exception:
        return f"<{type(value).__name__}>"


def explain(
    error: BaseException, comparison: Comparison | None, interacting: bool, ours: Path | None = None
) -> Explanation:
    """What became of a check that raised `error`.

    `interacting` says whether the student's code took part in it: an exception in the judge is then due to an answer
    that was of no use; otherwise it is ours. So is a file below `ours`, the suite's module, that cannot be opened.
    """
    if isinstance(error, pytest.skip.Exception):
        return Explanation(Outcome.NOT_RUN, "", clean(str(error.msg)))
    if isinstance(error, MachineTooBusy):
        return Explanation(Outcome.GRADER_ERROR, "busy", clean(str(error)))
    if isinstance(error, GraderError):
        return Explanation(Outcome.GRADER_ERROR, "", clean(str(error)))
    if isinstance(error, SuiteHangs):
        if interacting:
            text = "the checks did not get to an end with what your code gave back"
            return Explanation(Outcome.NOT_PASSED, "timeout", text)
        return Explanation(Outcome.GRADER_ERROR, "", "the check itself does not come to an end")
    if isinstance(error, StudentFailure):
        return Explanation(Outcome.NOT_PASSED, error.reason, clean(error.message))
    if isinstance(error, StudentError):
        return _student_error(error)
    if isinstance(error, Failed):
        return Explanation(Outcome.NOT_PASSED, "assertion", clean(_failed(str(error.msg))))
    if isinstance(error, AssertionError):
        return _assertion(str(error), comparison)
    if isinstance(error, Fenced):  # `prove` refuses a suite that does; a hostile file may bring a sound one to it
        return Explanation(Outcome.NOT_PASSED if interacting else Outcome.GRADER_ERROR, "fenced", clean(str(error)))
    if interacting and not _concerns(error, ours):
        return _useless_answer(error)
    return Explanation(Outcome.GRADER_ERROR, "", clean(f"{type(error).__name__}: {error}"))


def _concerns(error: BaseException, folder: Path | None) -> bool:
    """Whether an operating system's error names a file in the folder: no answer of a student puts one there."""
    if folder is None or not isinstance(error, OSError):
        return False
    named = [name for name in (error.filename, error.filename2) if isinstance(name, str | bytes)]
    return any(Path(os.fsdecode(name)).is_relative_to(folder) for name in named)


def _useless_answer(error: BaseException) -> Explanation:
    if isinstance(error, httpx.TimeoutException):
        return Explanation(Outcome.NOT_PASSED, "timeout", "the server did not answer in time")
    if isinstance(error, httpx.TransportError):
        return Explanation(Outcome.NOT_PASSED, "died", clean(f"the server ended, or closed the connection ({error})"))
    text = f"the checks could not work with what your code gave back ({type(error).__name__}: {error})"
    return Explanation(Outcome.NOT_PASSED, "exception", clean(text))


def _student_error(error: StudentError) -> Explanation:
    frames = tuple(
        Frame(file=clean(f.file), line=max(0, f.line), function=clean(f.function), code=clean(f.code))
        for f in error.frames
    )
    kind, message = error.kind, error.message
    if kind == "RuntimeError" and "can't allocate memory" in message:  # torch's word for it
        kind = "MemoryError"
    reason = {"MemoryError": "memory", "NotImplementedError": "todo"}.get(kind, "exception")
    if reason == "todo":
        return Explanation(
            Outcome.NOT_PASSED, reason, clean(message or "this is still to be written"), traceback=frames[-1:]
        )
    text = str(error)
    if kind == "ModuleNotFoundError":
        text += f". {_advice_on_import(message)}"
    elif kind == "SystemExit":
        text = f"the code ended the program (exit status {message or 0}) instead of coming back"
    elif kind == "MemoryError":
        text = "the code used more memory than allowed"
    return Explanation(Outcome.NOT_PASSED, reason, clean(text), traceback=frames)


def _advice_on_import(message: str) -> str:
    name = message.rpartition("'")[0].rpartition("'")[2].split(".")[0]
    with_extra = extra_with(name)
    if with_extra:
        return f"It is not installed: {installing(with_extra)}"
    return "It is not part of the course's environment, and not among the files handed in"


def _failed(message: str) -> str:
    match = re.fullmatch(r"DID NOT RAISE (?:<class ')?([\w., ()]+?)(?:'>)?", message)  # pytest 8 had the class's repr
    if not match:
        return message
    raised = match[1] if " " in match[1] else match[1].rpartition(".")[2]
    return f"expected {raised} to be raised, and nothing was"


def _assertion(text: str, comparison: Comparison | None) -> Explanation:
    """Only the author's own message and the two sides of a comparison: expressions of the suite stay hidden."""
    message = re.split(r"(?:^|\n)assert ", text, maxsplit=1)[0].strip()
    if comparison is None or (message and comparison.is_told_by(message)):
        return Explanation(Outcome.NOT_PASSED, "assertion", clean(message or "this does not hold"))
    expected = None if message and comparison.names_what_is_wrong else comparison.expected
    return Explanation(Outcome.NOT_PASSED, "assertion", clean(message), expected, comparison.got)


def without_suite(explanation: Explanation, suites_own: Collection[str]) -> Explanation:
    """The same, without frames in files that the suite put into the workspace, and without their names in the text."""
    frames = tuple(frame for frame in explanation.traceback if frame.file not in suites_own)
    return replace(explanation, message=without_ours(explanation.message, suites_own), traceback=frames)


LOOKED_AT = 128 << 10  # characters of a program's output: the end of it is what is shown


def output_tail(text: str, choose: Callable[[str], str] = str, limit: int = 1_500) -> str:
    """The end of what the student's code printed, as far as `choose` leaves it."""
    text = choose(clean(text[-LOOKED_AT:], LOOKED_AT)).strip()
    return text if len(text) <= limit else "… " + text[-limit:]


def with_todo(explanation: Explanation, printed: str) -> Explanation:
    """An untouched skeleton behind a program or a server: its TODO says more than the status that came of it."""
    left = re.findall(r"^NotImplementedError: (TODO.*)$", printed, re.MULTILINE)
    if not left or explanation.outcome is not Outcome.NOT_PASSED or explanation.reason == "todo":
        return explanation
    return Explanation(Outcome.NOT_PASSED, "todo", clean(left[-1]))
