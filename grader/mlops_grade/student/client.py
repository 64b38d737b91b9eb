"""The judge's end of a pod: start it, ask its supervisor and its worker, run programs in it, end it.

Nothing that comes back is believed: every answer is bounded, checked for its type, and has a deadline.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import socket
import stat
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from typing import Any, Protocol

from mlops_grade.errors import GraderError, MachineTooBusy
from mlops_grade.student import isolation, wire
from mlops_grade.student.channel import Channel, ChannelError, DescriptorsLost, anonymous_file, close_all
from mlops_grade.student.clock import Clock, InTheWorksTime, Stopwatch
from mlops_grade.student.connection import WorkerConnection
from mlops_grade.student.deadline import PATIENCE_WITH_OURSELVES, Deadline, OnTheWall
from mlops_grade.student.handles import StudentFailure
from mlops_grade.student.jail import Limits
from mlops_grade.student.output import FLOOD, Output
from mlops_grade.student.running import Running
from mlops_grade.student.shortage import in_words, of_this_machine

MAX_READ = 256 << 20
MAX_FILES = 20_000
NOT_STARTED = "a jail could not be started"
NO_PROCESS = (errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE)
ENDED = {
    "memory": "its processes used more memory than allowed and were stopped",
    "processes": "it started too many processes or threads and was stopped",
    "hung": "the process's surroundings do not answer any more",
    "": "its processes were ended from within",
}


class Starter(Protocol):
    """Whoever can start a pod: a connection to a warm parent, or a parent of its own for each pod."""

    def start(self, request: dict[str, Any], descriptors: tuple[int, ...]) -> None: ...


class Pod:
    """One test's jail, as the judge sees it."""

    def __init__(
        self,
        parent: Starter,
        files: Mapping[str, bytes],
        limits: Limits,
        clock: Clock,
        seed: int,
        ahead: bool = False,
        inspects: bool = False,
        asked: Callable[[], None] | None = None,
        preload: Sequence[str] = (),
    ) -> None:
        """Start it and wait until it is ready; ahead of its use without waiting: `await_ready` is due before it.

        What `inspects` never imports what lies in its workspace. `asked` is called before each question to the pod.
        Where its parent has nothing loaded, each process of Python's in it imports `preload`; the clock stands still.
        Raises GraderError when it cannot be started.
        """
        self.clock = clock
        self.exchanges = 0
        self._asked = asked
        self._inspects = inspects
        self._preload = list(preload)
        self._seed = seed
        self._exits: dict[int, int] = {}
        self._next = 0
        self._judges_ports: set[int] = set()
        self._lock = threading.RLock()
        self._ending = threading.Lock()
        self._worker: WorkerConnection | None = None
        self._outputs: list[Output] = []
        self._closed = False
        self._ended = ""  # what the keeper says why it ended the pod, a key of ENDED
        with of_this_machine(NOT_STARTED):
            self._stopwatch = Stopwatch()
            ours, theirs = Channel.pair()
            self._control = ours
            lifeline, self._lifeline = os.pipe()
            content = anonymous_file(wire.encode(dict(files)))
        environment = isolation.clean_environment(isolation.surroundings().command_path, "@home@", "@tmp@")
        if inspects:  # nor do the programs that a tool starts import anything from the workspace
            environment |= {"PYTHONSAFEPATH": "1", "PYTHONNOUSERSITE": "1"}
        try:
            request = {"limits": asdict(limits), "environment": environment, "preload": self._preload}
            parent.start(request, (theirs.fileno(), lifeline, content, self._stopwatch.page))
        except ChannelError as error:
            raise GraderError(f"{NOT_STARTED}: {error}") from None
        finally:
            theirs.close()
            close_all([lifeline, content])
        self.workspace = ""
        if not ahead:
            self.await_ready()

    def await_ready(self) -> None:
        """Wait until the pod can be asked. Raises GraderError when it could not be started."""
        if self.workspace:
            return
        try:
            self.clock.check_outer()
            with self.clock.aside():
                message, _ = self._control.receive(OnTheWall(PATIENCE_WITH_OURSELVES))
        except TimeoutError:
            raise MachineTooBusy(PATIENCE_WITH_OURSELVES) from None
        except ChannelError as error:
            raise GraderError(f"{NOT_STARTED}: {error}") from None
        if not message.get("ready"):
            raise GraderError(f"{NOT_STARTED}: {message.get('trouble')}")
        self.workspace = str(message["workspace"])

    def close(self) -> None:
        """End every process of the pod. Never fails."""
        with contextlib.suppress(StudentFailure, OSError, GraderError):
            seconds = self.request({"op": "cpu"}, seconds=1)[0].get("seconds")
            self.clock.computed += seconds if type(seconds) is float and 0 <= seconds < 1e6 else 0.0
        self.kill()
        if not self._closed:
            self.clock.account(self._stopwatch)
        self._stopwatch.close()
        self._control.close()
        if self._worker is not None:
            self._worker.sock.close()
        self._closed = True

    def kill(self) -> None:
        """End every process now; later requests fail."""
        with self._ending:  # the thread that reads a flood does this as well
            lifeline, self._lifeline = self._lifeline, -1
        if lifeline >= 0:
            os.close(lifeline)

    # -------------------------------------------------------------------------------------------------------- time

    def deadline(self, patience: float) -> InTheWorksTime:
        """When something that may take the work `patience` seconds is late. Raises StudentFailure, MachineTooBusy."""
        return self.clock.deadline(patience, self._stopwatch)

    def grace(self, patience: float) -> InTheWorksTime:
        """The same for the grader's own part of the pod: had, too, when the module's time is used up."""
        return self.clock.grace(patience, self._stopwatch)

    def waiting(self) -> AbstractContextManager[None]:
        """Around whatever waits for the pod's processes."""
        return self.clock.waiting(self._stopwatch)

    # ------------------------------------------------------------------------------------------- the supervisor

    def request(
        self, message: dict[str, Any], descriptors: tuple[int, ...] = (), seconds: float = 20, loads: bool = False
    ) -> tuple[dict[str, Any], list[int]]:
        """Ask the supervisor. Raises StudentFailure when it is gone, OSError for what the system refused.

        One that does not answer in time is ended with everything in its pod. What `loads` has all of its `seconds`,
        whatever the module has left.
        """
        self._count()
        with self._lock, self.waiting():
            deadline = self.grace(seconds if loads else min(seconds, max(1.0, self.clock.left())))
            try:
                self._control.send(message, descriptors)
                while True:
                    answer, received = self._control.receive(deadline)
                    if not self._noted(answer):
                        break
            except DescriptorsLost as error:
                raise GraderError(str(error)) from None
            except ChannelError:
                raise self.gone() from None
            except TimeoutError:
                self._ended = "hung"
                self.kill()
                raise self.gone() from None
        if "error" in answer:
            close_all(received)
            number = answer.get("errno")
            refusal = OSError(number if type(number) is int else 0, str(answer["error"])[:500])
            if self._untouched and refusal.errno in NO_PROCESS:
                raise GraderError(f"nothing could be started in a jail: {in_words(refusal)}")
            raise refusal
        return answer, received

    def _have_started(self, message: dict[str, Any], descriptors: tuple[int, ...]) -> None:
        """Have the supervisor start a process: what that loads before it begins costs the work nothing."""
        if not self._preload:
            self.request(message, descriptors)
            return
        with self.clock.aside():
            self.request(message, descriptors, PATIENCE_WITH_OURSELVES, loads=True)

    def _count(self) -> None:
        self.exchanges += 1
        if self._asked is not None:
            self._asked()

    @property
    def _untouched(self) -> bool:
        """Whether nothing of the student's has run in it yet: what goes wrong is then the machine's doing."""
        return self._next <= 1 and not self._outputs

    def _noted(self, message: dict[str, Any]) -> bool:
        """Whether a message is news rather than an answer: remember it."""
        if type(message.get("ended")) is str and message["ended"] in ENDED:
            self._ended = message["ended"]
            return True
        number, status = message.get("exited"), message.get("status")
        if type(number) is not int or type(status) is not int:
            return False
        self._exits[number] = os.waitstatus_to_exitcode(status) if 0 <= status < 1 << 16 else -9
        return True

    def gone(self) -> StudentFailure:
        """Why the pod does not answer any more. Raises GraderError where nothing of the student's ran in it."""
        if self._untouched and not self._ended:
            raise GraderError("a jail ended before anything ran in it: is this machine short of memory or processes?")
        if any(output.flood for output in self._outputs):
            return StudentFailure("flood", FLOOD)
        reason = {"memory": "memory", "hung": "timeout"}.get(self._ended, "died")
        return StudentFailure(reason, ENDED[self._ended])

    def exit_code(self, number: int, deadline: Deadline) -> int | None:
        """The exit status of one process, waited for; None when it still runs."""
        with self.waiting():
            while number not in self._exits:
                try:
                    left = deadline.left()
                except TimeoutError:
                    return self._took_news(number, 0)
                self._took_news(number, min(left, 0.05))
        return self._exits[number]

    def _took_news(self, number: int, seconds: float) -> int | None:
        """Note what the supervisor has to tell; the exit status of a process if it is known then."""
        with self._lock:
            if number not in self._exits and select.select([self._control], [], [], seconds)[0]:
                try:
                    message, received = self._control.receive(self.grace(5))
                except (ChannelError, TimeoutError):
                    raise self.gone() from None
                close_all(received)
                self._noted(message)
            return self._exits.get(number)

    # ---------------------------------------------------------------------------------------------------- files

    def write(self, path: str, data: bytes) -> None:
        content = anonymous_file(data)
        try:
            self.request({"op": "write", "path": _inside(path)}, (content,))
        finally:
            os.close(content)

    def read(self, path: str) -> bytes:
        """The bytes of a file. Raises FileNotFoundError, OSError for what is no regular file or too large."""
        _, (descriptor,) = self._one_descriptor({"op": "read", "path": _inside(path)})
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_READ:
                raise OSError(0, f"{path} is not a regular file of a sensible size")
            return file.read(MAX_READ)

    def files(self) -> list[str]:
        _, (descriptor,) = self._one_descriptor({"op": "files"})
        with os.fdopen(descriptor, "rb") as file:
            data = file.read(64 << 20)
        try:
            names = wire.decode_frame(data)
        except wire.WireError:
            names = None
        if type(names) is not list or not all(type(name) is str for name in names):
            raise StudentFailure("protocol", "the list of files could not be read")
        return names[:MAX_FILES]

    def _one_descriptor(self, message: dict[str, Any]) -> tuple[dict[str, Any], list[int]]:
        answer, received = self.request(message)
        if len(received) != 1:
            close_all(received)
            raise StudentFailure("protocol", "the process's surroundings gave no sensible answer")
        return answer, received

    # -------------------------------------------------------------------------------------------------- network

    def listen(self, port: int = 0) -> socket.socket:
        """A socket that listens on loopback in the pod's network."""
        _, (descriptor,) = self._one_descriptor({"op": "listen", "port": port})
        listening = socket.socket(fileno=descriptor)
        self._judges_ports.add(listening.getsockname()[1])
        return listening

    def ports(self) -> list[int]:
        """The ports on which the student's programs listen; none where the network is not the pod's alone."""
        answer, received = self.request({"op": "listening"})
        close_all(received)
        ports = answer.get("ports")
        listed = ports if type(ports) is list else []
        return [port for port in listed if type(port) is int and port not in self._judges_ports][:20]

    def connect(self, port: int) -> socket.socket:
        """A connection to a port of loopback in the pod's network. Raises OSError when nobody listens."""
        _, (descriptor,) = self._one_descriptor({"op": "connect", "port": port})
        return socket.socket(fileno=descriptor)

    # ------------------------------------------------------------------------------------------------- programs

    def start(
        self,
        kind: str,
        argv: list[str],
        *,
        stdin: bytes = b"",
        environment: dict[str, str] | None = None,
        cwd: str = ".",
        extra: tuple[int, ...] = (),
    ) -> Running:
        """Start a program: kind "python", "bash", "serve", or of the environment "tool" (a module), "command"."""
        self._next += 1
        number = self._next
        with of_this_machine("a program could not be started"):
            given = anonymous_file(stdin)
            out_read, out_write = os.pipe()
            err_read, err_write = os.pipe()
        try:
            folder = os.path.join(self.workspace, _inside(cwd))
            message = {"kind": kind, "argv": argv, "cwd": folder, "environment": environment or {}}
            self._have_started({"op": "program", "number": number, **message}, (given, out_write, err_write, *extra))
        except BaseException:
            close_all([out_read, err_read])
            raise
        finally:
            close_all([given, out_write, err_write])
        return Running(self, number, self._output(out_read), self._output(err_read))

    def _output(self, descriptor: int) -> Output:
        with of_this_machine("what a program prints could not be read"):
            output = Output(descriptor, self.kill)
        self._outputs.append(output)
        return output

    # --------------------------------------------------------------------------------------------------- worker

    def ask(self, patience: float, operation: str, *arguments: Any) -> Any:
        """Put a request to the worker, which is started by the first one."""
        if self._worker is None:
            self._worker = self._start_worker()
        self._count()
        return self._worker.ask(self.deadline(patience), patience, operation, *arguments)

    def _start_worker(self) -> WorkerConnection:
        self._next += 1
        with of_this_machine("a worker could not be started"):
            ours, theirs = socket.socketpair()
            out_read, out_write = os.pipe()
            err_read, err_write = os.pipe()
        try:
            message = {"op": "worker", "number": self._next, "seed": self._seed, "imports": not self._inspects}
            self._have_started(message, (theirs.fileno(), out_write, err_write))
        except BaseException:
            close_all([out_read, err_read])
            ours.close()
            raise
        finally:
            theirs.close()
            close_all([out_write, err_write])
        return WorkerConnection(self, self._next, ours, self._output(out_read), self._output(err_read))

    def printed(self) -> str:
        """What the pod's processes printed so far, one after the other."""
        if self._closed:
            for output in self._outputs:
                output.finish(OnTheWall(2))
        return "".join(output.text() for output in self._outputs)


def _inside(path: str) -> str:
    """A path relative to the workspace. Raises ValueError for one that a suite should not name."""
    if os.path.isabs(path) or ".." in path.split("/"):
        raise ValueError(f"{path!r} is not a path inside the workspace")
    return path
