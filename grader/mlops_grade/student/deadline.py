"""When a wait is over: what everything that waits on a socket asks."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

#: Seconds for what the grader waits of its own processes: one that dies is noticed at once, so this ends only what a
#: machine that is far too busy does not get done.
PATIENCE_WITH_OURSELVES = 600.0

Result = TypeVar("Result")


class Deadline(Protocol):
    """A moment that may be put off while one waits for it."""

    def left(self) -> float:
        """For how many seconds to wait before asking this again. Raises TimeoutError when the time is over."""
        ...


class OnTheWall:
    """A deadline in real time, for waits that no student's code takes part in."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("too late")
        return left


def over(deadline: Deadline) -> bool:
    """Whether the time is over."""
    try:
        deadline.left()
    except TimeoutError:
        return True
    return False


def within(deadline: Deadline | None, sock: socket.socket, step: Callable[..., Result], *arguments: Any) -> Result:
    """What one step on a socket gives, tried until the deadline. Raises TimeoutError."""
    while True:
        sock.settimeout(None if deadline is None else deadline.left())
        try:
            return step(*arguments)
        except TimeoutError:
            continue
