"""The judge's connection to a worker: requests and answers by turns. Nothing that comes back is believed."""

from __future__ import annotations

import contextlib
import functools
import signal
import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from mlops_grade.errors import GraderError, MachineTooBusy
from mlops_grade.student import wire
from mlops_grade.student.channel import ChannelError
from mlops_grade.student.deadline import Deadline
from mlops_grade.student.handles import Handle, StudentError, StudentFailure, StudentFrame, student_error
from mlops_grade.student.output import FLOOD, Output
from mlops_grade.student.running import how_it_ended

if TYPE_CHECKING:
    from mlops_grade.student.client import Pod

MAX_ANSWERS = 1 << 30  # bytes of all answers in one pod: what the judge may come to hold at a time


class WorkerConnection:
    """The connection to a worker; requests and answers by turns."""

    def __init__(self, pod: Pod, number: int, sock: socket.socket, stdout: Output, stderr: Output) -> None:
        self.sock = sock
        self.stdout = stdout
        self.stderr = stderr
        self._pod = pod
        self._number = number
        self._turn = 0
        self._received = 0
        self._broken: StudentFailure | None = None

    def ask(self, deadline: Deadline, patience: float, operation: str, *arguments: Any) -> Any:
        if self._broken is not None:
            raise self._broken
        self._turn += 1
        asker = _Patient(self._pod, patience)
        question = wire.encode((self._turn, operation, *arguments), _by_number)
        try:
            with self._pod.waiting():
                wire.send(self.sock, question, deadline)
                header, body = wire.receive_frame(self.sock, deadline)
            self._received += len(header) + len(body)
            if self._received > MAX_ANSWERS:
                raise self._break("flood", f"your code gave back more than {MAX_ANSWERS >> 20} MiB of values")
            answer = wire.decode(header, body, functools.partial(Handle, asker))
            if type(answer) is not tuple or len(answer) != 3 or answer[0] != self._turn or type(answer[1]) is not bool:
                raise wire.WireError("no answer to what was asked")
        except TimeoutError:
            took = f"no answer after {patience:g} s: does it loop forever, or wait for something?"
            raise self._break("timeout", took) from None
        except (EOFError, OSError):
            raise self._died() from None
        except (StudentFailure, MachineTooBusy):  # no time is left, and the answer is in the midst of coming
            self._break("timeout", "the process was ended while it was working on this")
            raise
        except wire.WireError as error:
            raise self._break("protocol", f"the process sent something that is no answer ({error})") from None
        if self.stdout.flood or self.stderr.flood:
            raise self._break("flood", FLOOD)
        if answer[1]:
            return answer[2]
        raise _raised(answer[2])

    def _break(self, reason: str, message: str) -> StudentFailure:
        self._broken = StudentFailure(reason, message)
        with contextlib.suppress(OSError, StudentFailure, ChannelError, GraderError):
            self._pod.request({"op": "signal", "number": self._number, "signal": int(signal.SIGKILL)}, seconds=2)
        return self._broken

    def _died(self) -> StudentFailure:
        code = None
        if not any(output.flood for output in (self.stdout, self.stderr)):
            try:
                code = self._pod.exit_code(self._number, self._pod.grace(2))
            except StudentFailure as gone:
                return self._break(gone.reason, gone.message)
        if self.stdout.flood or self.stderr.flood:
            return self._break("flood", FLOOD)
        return self._break("died", f"the process ended while it was working on this: {how_it_ended(code)}")


class _Patient:
    """What a handle asks through: the pod's worker, with the patience of the call that gave the handle."""

    def __init__(self, pod: Pod, patience: float) -> None:
        self._pod = pod
        self._patience = patience

    def ask(self, operation: str, *arguments: Any) -> Any:
        return self._pod.ask(self._patience, operation, *arguments)


def _by_number(value: Any) -> Any:
    if isinstance(value, Handle):
        return wire.Reference(object.__getattribute__(value, "_reference").number)
    raise wire.WireError(f"a {type(value).__qualname__} cannot cross to the student's process: use a probe")


def _raised(described: Any) -> StudentError:
    """The exception that a worker says was raised, whatever it really sent."""
    described = described if type(described) is dict else {}
    classes = [name for name in _listed(described.get("classes")) if type(name) is str][:20]
    message = described.get("message")
    return student_error(classes, message[:4000] if type(message) is str else "", tuple(_frames(described)))


def _frames(described: dict[Any, Any]) -> Iterator[StudentFrame]:
    for frame in _listed(described.get("frames"))[:16]:
        if type(frame) is tuple and [type(part) for part in frame] == [str, int, str, str]:
            yield StudentFrame(frame[0][:300], frame[1], frame[2][:200], frame[3][:300])


def _listed(value: Any) -> list[Any]:
    return value if type(value) is list else []
