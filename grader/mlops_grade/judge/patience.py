"""How long a judging process is waited for: it says every second that it lives, however long its suite takes."""

from __future__ import annotations

import signal
import time
from pathlib import Path

from mlops_grade.errors import GraderError, MachineTooBusy
from mlops_grade.student.clock import OUTER

LOOK_SECONDS = 1.0
LEAST_SECONDS = 5.0
ENDING_SECONDS = 120.0  # for a judging process to report every check, once its own bound on the wall has passed


#: A signal is handled between two steps of the interpreter: who has not said for long that it lives is busy with one.
SAYS_IT_LIVES = hasattr(signal, "setitimer")


class BusyWithAValue(Exception):
    """The judging process does not get over a value of a student's, in one step of native code that does not end."""


def patience_with_a_check(seconds: float) -> float:
    """For how long a check may be busy with itself alone, in a suite that may take `seconds`."""
    return min(30.0, max(LEAST_SECONDS, seconds / 2))


class Patience:
    """Ends the wait for a process that is silent (in time that it had), or is still there when all bounds are past."""

    def __init__(self, timeout: float) -> None:
        self._one_step = patience_with_a_check(timeout) + LOOK_SECONDS
        self._silence = timeout * 1.5 + 30
        self._outer = OUTER * timeout + ENDING_SECONDS
        self._began = time.monotonic()
        self._heard = 0.0

    def heard(self, pid: int) -> None:
        """It has said something."""
        self._heard = _time_of(pid)

    def left(self, pid: int, holds_a_value: bool) -> float:
        """Seconds until this is to be asked again. Raises GraderError when the process hangs, or the machine does.

        `holds_a_value` of a student's: a step that does not end is that value's doing, and BusyWithAValue is raised.
        """
        if time.monotonic() - self._began > self._outer:
            raise MachineTooBusy(self._outer)
        if self._heard and holds_a_value and SAYS_IT_LIVES and _time_of(pid) - self._heard > self._one_step:
            raise BusyWithAValue
        if self._heard and _time_of(pid) - self._heard > self._silence:
            raise GraderError(f"the hidden suite itself did not end within {self._silence:g} s")
        return LOOK_SECONDS


def _time_of(pid: int) -> float:
    """A clock that stands still while the process waits for a core, where the kernel tells."""
    try:
        delay = int(Path(f"/proc/{pid}/schedstat").read_bytes().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        delay = 0.0
    return time.monotonic() - delay
