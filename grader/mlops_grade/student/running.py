"""Programs that were started in a pod, and how they end."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlops_grade.student.deadline import OnTheWall
from mlops_grade.student.handles import StudentFailure
from mlops_grade.student.output import FLOOD, Output, last_words

if TYPE_CHECKING:
    from mlops_grade.student.client import Pod

DAEMONS_SECONDS = 0.5  # for what a program left running to print something, after its own end


@dataclass(frozen=True)
class Finished:
    """A program that has ended. `exit_code` is negative for a signal, as in `subprocess`."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def last_words(self) -> str:
        """The last line that says something, of stderr or else of stdout."""
        return last_words(self.stderr, self.stdout) or "it says nothing"


class Running:
    """A program that was started and may still run."""

    def __init__(self, pod: Pod, number: int, stdout: Output, stderr: Output) -> None:
        self._pod = pod
        self._number = number
        self._stdout = stdout
        self._stderr = stderr

    @property
    def stdout(self) -> str:
        return self._stdout.text()

    @property
    def stderr(self) -> str:
        return self._stderr.text()

    def running(self) -> bool:
        return self._pod.exit_code(self._number, OnTheWall(0)) is None

    def wait(self, seconds: float) -> Finished:
        """Wait for the end. Raises StudentFailure when it does not come in time."""
        code = self._pod.exit_code(self._number, self._pod.deadline(seconds))
        if code is None:
            self.send(signal.SIGKILL)
            raise StudentFailure("timeout", f"the program was still running after {seconds:g} s and was stopped")
        for output in (self._stdout, self._stderr):
            output.finish(self._pod.grace(DAEMONS_SECONDS))
            if output.flood:
                raise StudentFailure("flood", FLOOD)
        return Finished(code, self.stdout, self.stderr)

    def send(self, number: int) -> None:
        self._pod.request({"op": "signal", "number": self._number, "signal": int(number)})

    def terminate(self, timeout: float = 10) -> Finished:
        """Send SIGTERM, as a platform does that takes a service down, and wait for the end."""
        self.send(signal.SIGTERM)
        return self.wait(timeout)


def how_it_ended(code: int | None) -> str:
    """An exit status in words."""
    if code is None:
        return "it was killed, with everything around it"
    if code >= 0:
        return f"it left by itself with exit status {code} (os._exit?)"
    known = {
        signal.SIGSEGV: "a crash in native code (segmentation fault)",
        signal.SIGKILL: "it was killed, perhaps for the memory it used",
        signal.SIGXCPU: "it used more CPU time than allowed",
        signal.SIGABRT: "it aborted",
    }
    try:
        number = signal.Signals(-code)
    except ValueError:
        return f"signal {-code}"
    return known.get(number, f"signal {number.name}")
