"""What a suite holds of the student's objects, and what it is told when their code fails. All of it is claims."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

#: Student code that raises one of these must not end a loop of the suite's, as if there were nothing left to check.
ENDS_ITERATION = ("StopIteration", "StopAsyncIteration")


@dataclass(frozen=True)
class StudentFrame:
    """One frame of a traceback in a handed-in file."""

    file: str
    line: int
    function: str
    code: str


class StudentFailure(Exception):
    """The student's process did not give an answer. `reason` is one of the reasons of `verdict.Check`."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


class StudentError(Exception):
    """An exception raised in student code. Also an instance of the built-in class that it claims to be.

    Only of those that end an iteration it is not: see `kind`.
    """

    def __init__(self, classes: list[str], message: str, frames: tuple[StudentFrame, ...]) -> None:
        self.classes = classes
        self.message = message
        self.frames = frames

    @property
    def kind(self) -> str:
        return self.classes[0] if self.classes else "Exception"

    def __str__(self) -> str:
        return f"{self.kind}: {self.message}" if self.message else self.kind


def student_error(classes: list[str], message: str, frames: tuple[StudentFrame, ...]) -> StudentError:
    """The exception to raise for one that was raised in the worker."""
    for name in classes:
        if name in ENDS_ITERATION:
            continue
        base = getattr(builtins, name, None)
        if isinstance(base, type) and issubclass(base, Exception | SystemExit) and base is not Exception:
            try:
                both: Any = type("StudentError", (StudentError, base), {"__init__": StudentError.__init__})
                error = both.__new__(both)
                StudentError.__init__(error, classes, message, frames)
            except TypeError:  # a class that cannot be made without its own arguments
                continue
            assert isinstance(error, StudentError)
            return error
    return StudentError(classes, message, frames)


class Asker(Protocol):
    """Whoever can put a request to a worker."""

    def ask(self, operation: str, *arguments: Any) -> Any: ...


class NoPlainValue(StudentFailure):
    """The suite uses an object that stayed in the student's process as if it were a value."""


class Handle:
    """An object that lives in the student's process. Attributes, calls, items, length and iteration are asked there.

    It is no value: to compare it, or to ask whether it is true, raises NoPlainValue. Both would say something about the
    handle, which is neither equal to anything nor false, and nothing about the object.
    """

    __slots__ = ("_asker", "_reference")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, asker: Asker, reference: Any) -> None:
        object.__setattr__(self, "_asker", asker)
        object.__setattr__(self, "_reference", reference)

    def is_a(self, name: str) -> bool:
        """Whether the worker claims a class of this (last part of the qualified) name among the object's bases."""
        classes = self._reference.classes
        return any(claimed == name or claimed.endswith(f".{name}") for claimed in classes)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return self._asker.ask("get", self, name)

    def __setattr__(self, name: str, value: object) -> None:
        self._asker.ask("set", self, name, value)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return self._asker.ask("call", self, arguments, named)

    def __getitem__(self, key: Any) -> Any:
        return self._asker.ask("item", self, key)

    def __len__(self) -> int:
        length = self._asker.ask("length", self)
        if type(length) is not int or length < 0:
            raise StudentFailure("protocol", "its length is not a number")
        return length

    def __iter__(self) -> Iterator[Any]:
        items = self._asker.ask("iterate", self)
        if type(items) is not list:
            raise StudentFailure("protocol", "iterating over it gave no items")
        return iter(items)

    def _no_value(self, *_: object) -> Any:
        raise NoPlainValue("assertion", f"expected a plain value, got an object: {self._reference.description}")

    __bool__ = __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _no_value

    def __repr__(self) -> str:
        return f"<{self._reference.description} of the student's process>"
