"""The judge's end of a pod: start it, ask its supervisor and its worker, run programs in it, end it.

Nothing that comes back is believed: every answer is bounded, checked for its type, and has a deadline.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import select
import signal
import socket
import stat
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from mlops_grade.errors import GraderError
from mlops_grade.student import isolation, wire
from mlops_grade.student.channel import Channel, ChannelError, DescriptorsLost, anonymous_file, close_all
from mlops_grade.student.handles import Handle, StudentError, StudentFailure, StudentFrame, student_error
from mlops_grade.student.jail import Limits
from mlops_grade.student.shortage import in_words, of_this_machine

MAX_OUTPUT = 16 << 20
KEPT_OUTPUT = 4 << 20
MAX_READ = 256 << 20
MAX_ANSWERS = 1 << 30  # bytes of all answers in one pod: what the judge may come to hold at a time
MAX_FILES = 20_000
NO_PROCESS = (errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE)
ENDED = {
    "memory": "its processes used more memory than allowed and were stopped",
    "processes": "it started too many processes or threads and was stopped",
    "hung": "the process's surroundings do not answer any more",
    "": "its processes were ended from within",
}
NOT_STARTED = "a jail could not be started"
FLOOD = f"the program printed more than {MAX_OUTPUT >> 20} MiB and was stopped"


class Clock:
    """The time that the student's processes may use in all, in one run of a suite; and how long nobody asked them."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.used = 0.0  # CPU seconds, as far as the pods tell
        self._end = time.monotonic() + seconds
        self._waiting = 0
        self._last = time.monotonic()

    @contextlib.contextmanager
    def waiting(self) -> Iterator[None]:
        """Around whatever waits for the student's processes."""
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1
            self.restart()

    def restart(self) -> None:
        """Count idle time from now on."""
        self._last = time.monotonic()

    @property
    def idle(self) -> float:
        """Seconds for which the suite has been busy with itself alone."""
        return 0.0 if self._waiting else time.monotonic() - self._last

    def left(self) -> float:
        return max(0.0, self._end - time.monotonic())

    def deadline(self, patience: float) -> float:
        """When a call that may take `patience` seconds is late. Raises StudentFailure when the whole time is used."""
        now = time.monotonic()
        if now >= self._end:
            raise StudentFailure("timeout", f"the {self.seconds:g} s that this module's checks may take are used up")
        return min(now + patience, self._end)


class Output:
    """What a process printed: read to the end in the background, kept up to a limit, stopped beyond a larger one."""

    def __init__(self, descriptor: int, flooded: Callable[[], None]) -> None:
        self.data = bytearray()
        self.flood = False
        self._descriptor = descriptor
        self._flooded = flooded
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        total = 0
        with os.fdopen(self._descriptor, "rb", buffering=0) as pipe:
            while part := pipe.read(1 << 16):
                total += len(part)
                self.data += part[: max(0, KEPT_OUTPUT - len(self.data))]
                if total > MAX_OUTPUT and not self.flood:
                    # Read on until it is dead: a closed pipe would tell it, and it could still answer.
                    self.flood = True
                    self._flooded()

    def finish(self, seconds: float) -> None:
        """Wait for the end of the output: a daemon that holds it open must not hold us up."""
        self._thread.join(seconds)

    def text(self) -> str:
        return bytes(self.data).decode(errors="replace")


class Starter(Protocol):
    """Whoever can start a pod: a connection to a warm parent, or a parent of its own for each pod."""

    def start(self, request: dict[str, Any], descriptors: tuple[int, ...]) -> None: ...


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


def last_words(*outputs: str) -> str:
    """The last line with a letter or digit in it, of the first output that has one; "" if none has.

    It is shortened, and frames drawn around it are left out.
    """
    for output in outputs:
        for line in reversed(output.splitlines()):
            words = line.strip(" \t│|╭╮╰╯─┃━")
            if any(map(str.isalnum, words)):
                return words[:300]
    return ""


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
    ) -> None:
        """Start it and wait until it is ready; ahead of its use without waiting: `await_ready` is due before it.

        What `inspects` never imports what lies in its workspace. `asked` is called before each question to the pod.
        Raises GraderError when it cannot be started.
        """
        self.clock = clock
        self.exchanges = 0
        self._asked = asked
        self._inspects = inspects
        self._seed = seed
        self._exits: dict[int, int] = {}
        self._next = 0
        self._judges_ports: set[int] = set()
        self._lock = threading.RLock()
        self._ending = threading.Lock()
        self._worker: _Worker | None = None
        self._outputs: list[Output] = []
        self._closed = False
        self._ended = ""  # what the keeper says why it ended the pod, a key of ENDED
        with of_this_machine(NOT_STARTED):
            ours, theirs = Channel.pair()
            self._control = ours
            lifeline, self._lifeline = os.pipe()
            content = anonymous_file(wire.encode(dict(files)))
        environment = isolation.clean_environment(isolation.surroundings().command_path, "@home@", "@tmp@")
        if inspects:  # nor do the programs that a tool starts import anything from the workspace
            environment |= {"PYTHONSAFEPATH": "1", "PYTHONNOUSERSITE": "1"}
        try:
            request = {"limits": asdict(limits), "environment": environment}
            parent.start(request, (theirs.fileno(), lifeline, content))
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
            with self.clock.waiting():
                message, _ = self._control.receive(time.monotonic() + 60)
        except (ChannelError, TimeoutError) as error:
            raise GraderError(f"{NOT_STARTED}: {error}") from None
        if not message.get("ready"):
            raise GraderError(f"{NOT_STARTED}: {message.get('trouble')}")
        self.workspace = str(message["workspace"])

    def close(self) -> None:
        """End every process of the pod. Never fails."""
        with contextlib.suppress(StudentFailure, GraderError, OSError):
            seconds = self.request({"op": "cpu"}, seconds=1)[0].get("seconds")
            self.clock.used += seconds if type(seconds) is float and 0 <= seconds < 1e6 else 0.0
        self.kill()
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

    # ------------------------------------------------------------------------------------------- the supervisor

    def request(
        self, message: dict[str, Any], descriptors: tuple[int, ...] = (), seconds: float = 20
    ) -> tuple[dict[str, Any], list[int]]:
        """Ask the supervisor. Raises StudentFailure when it is gone, OSError for what the system refused.

        One that does not answer in time is ended with everything in its pod.
        """
        self._count()
        deadline = time.monotonic() + min(seconds, max(1.0, self.clock.left()))
        with self._lock, self.clock.waiting():
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

    def exit_code(self, number: int, seconds: float) -> int | None:
        """The exit status of one process, waited for; None when it still runs."""
        end = time.monotonic() + seconds
        while number not in self._exits:
            with self._lock, self.clock.waiting():
                if number in self._exits:
                    break
                left = end - time.monotonic()
                if left <= 0 or not select.select([self._control], [], [], min(left, 0.05))[0]:
                    if left <= 0:
                        return None
                    continue
                try:
                    message, received = self._control.receive(time.monotonic() + 5)
                except (ChannelError, TimeoutError):
                    raise self.gone() from None
                close_all(received)
                self._noted(message)
        return self._exits[number]

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
        return [port for port in _listed(ports) if type(port) is int and port not in self._judges_ports][:20]

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
        """Start a program: kind "python", "bash" or "serve"."""
        self._next += 1
        number = self._next
        with of_this_machine("a program could not be started"):
            given = anonymous_file(stdin)
            out_read, out_write = os.pipe()
            err_read, err_write = os.pipe()
        try:
            folder = os.path.join(self.workspace, _inside(cwd))
            message = {"kind": kind, "argv": argv, "cwd": folder, "environment": environment or {}}
            self.request({"op": "program", "number": number, **message}, (given, out_write, err_write, *extra))
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
        return self._worker.ask(self.clock.deadline(patience), patience, operation, *arguments)

    def _start_worker(self) -> _Worker:
        self._next += 1
        with of_this_machine("a worker could not be started"):
            ours, theirs = socket.socketpair()
            out_read, out_write = os.pipe()
            err_read, err_write = os.pipe()
        try:
            message = {"op": "worker", "number": self._next, "seed": self._seed, "imports": not self._inspects}
            self.request(message, (theirs.fileno(), out_write, err_write))
        except BaseException:
            close_all([out_read, err_read])
            ours.close()
            raise
        finally:
            theirs.close()
            close_all([out_write, err_write])
        return _Worker(self, self._next, ours, self._output(out_read), self._output(err_read))

    def printed(self) -> str:
        """What the pod's processes printed so far, one after the other."""
        if self._closed:
            for output in self._outputs:
                output.finish(2)
        return "".join(output.text() for output in self._outputs)


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
        return self._pod.exit_code(self._number, 0) is None

    def wait(self, seconds: float) -> Finished:
        """Wait for the end. Raises StudentFailure when it does not come in time."""
        deadline = self._pod.clock.deadline(seconds)
        code = self._pod.exit_code(self._number, deadline - time.monotonic())
        if code is None:
            self.send(signal.SIGKILL)
            raise StudentFailure("timeout", f"the program was still running after {seconds:g} s and was stopped")
        for output in (self._stdout, self._stderr):
            output.finish(0.5)
            if output.flood:
                raise StudentFailure("flood", FLOOD)
        return Finished(code, self.stdout, self.stderr)

    def send(self, number: int) -> None:
        self._pod.request({"op": "signal", "number": self._number, "signal": int(number)})

    def terminate(self, timeout: float = 10) -> Finished:
        """Send SIGTERM, as a platform does that takes a service down, and wait for the end."""
        self.send(signal.SIGTERM)
        return self.wait(timeout)


class _Worker:
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

    def ask(self, deadline: float, patience: float, operation: str, *arguments: Any) -> Any:
        if self._broken is not None:
            raise self._broken
        self._turn += 1
        asker = _Patient(self._pod, patience)
        question = wire.encode((self._turn, operation, *arguments), _by_number)
        try:
            with self._pod.clock.waiting():
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
        except wire.WireError as error:
            raise self._break("protocol", f"the process sent something that is no answer ({error})") from None
        if self.stdout.flood or self.stderr.flood:
            raise self._break("flood", FLOOD)
        if answer[1]:
            return answer[2]
        raise _raised(answer[2])

    def _break(self, reason: str, message: str) -> StudentFailure:
        self._broken = StudentFailure(reason, message)
        with contextlib.suppress(OSError, StudentFailure, GraderError, ChannelError):
            self._pod.request({"op": "signal", "number": self._number, "signal": int(signal.SIGKILL)}, seconds=2)
        return self._broken

    def _died(self) -> StudentFailure:
        code = None
        if not any(output.flood for output in (self.stdout, self.stderr)):
            try:
                code = self._pod.exit_code(self._number, 2)
            except StudentFailure as gone:
                return self._break(gone.reason, gone.message)
        if self.stdout.flood or self.stderr.flood:
            return self._break("flood", FLOOD)
        return self._break("died", f"the process ended while it was working on this: {how_it_ended(code)}")


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


def _inside(path: str) -> str:
    """A path relative to the workspace. Raises ValueError for one that a suite should not name."""
    if os.path.isabs(path) or ".." in path.split("/"):
        raise ValueError(f"{path!r} is not a path inside the workspace")
    return path
