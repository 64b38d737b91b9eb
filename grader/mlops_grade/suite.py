"""All that the author of a hidden suite needs: `Student`, `Inspector`, `hint`, `extra`, `probe`, `assert_close`, …

See docs/authors.md. A suite runs in the judge; what it holds of the student's are handles and plain data.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import inspect
import math
import posixpath
import select
import socket
import textwrap
import time
import zlib
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import httpcore
import httpx
import numpy as np

from mlops_grade.course.allowlist import matches
from mlops_grade.reading import read_yaml
from mlops_grade.student.client import Pod
from mlops_grade.student.deadline import Deadline, over, within
from mlops_grade.student.handles import Handle, StudentError, StudentFailure
from mlops_grade.student.output import last_words
from mlops_grade.student.running import Finished, Running

__all__ = [
    "Finished", "Handle", "Inspector", "Probe", "Service", "Student", "StudentError", "StudentFailure",
    "assert_close", "extra", "hint", "probe", "read_yaml",
]  # fmt: skip

Function = TypeVar("Function", bound=Callable[..., Any])


class Hint:
    """What `hint` gives: a decorator for a check, or a context for what one mistake makes fail."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __call__(self, function: Function) -> Function:
        function.__dict__["mlops_hint"] = self.text
        return function

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is not None:  # the innermost context is the one about this mistake
            error.__dict__.setdefault("mlops_hint", self.text)


def hint(text: str) -> Hint:
    """What the student reads when something fails: names the way, not the answer.

    `@hint("…")` above a check is for all of it; `with hint("…"):` around an assertion or a call is for that mistake
    alone, and comes before the check's own.
    """
    return Hint(text)


def extra(function: Function) -> Function:
    """A check that is shown but not needed to pass."""
    function.__dict__["mlops_extra"] = True
    return function


class Probe:
    """A function whose source runs in the student's process, beside live objects. It returns data, never a verdict."""

    def __init__(self, function: Callable[..., Any]) -> None:
        functools.update_wrapper(self, function)
        self.name = function.__name__
        self.source = _source_to_send(function)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        raise TypeError(f"{self.name} is a probe: run it with student.run({self.name}, ...)")


def probe(function: Callable[..., Any]) -> Probe:
    """Mark a function as a probe: `student.run(function, ...)` runs its source in the worker."""
    return Probe(function)


def _source_to_send(function: Callable[..., Any]) -> str:
    """The function alone: no decorator, docstring or comment, since the student's process can read it."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    definition = tree.body[0]
    assert isinstance(definition, ast.FunctionDef)
    definition.decorator_list = []
    definition.returns = None
    arguments = definition.args
    for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg):
        if argument is not None:
            argument.annotation = None
    if ast.get_docstring(definition) is not None:
        definition.body = definition.body[1:] or [ast.Pass()]
    return ast.unparse(tree)


FARTHEST = 1e9  # times what is allowed; an infinity or NaN is as far off
FLOAT32_ROUNDING = 1e-6  # eight times its relative precision


def assert_close(got: Any, expected: Any, what: str, rtol: float = 1e-4, atol: float = 1e-6) -> None:
    """Compare numbers, arrays or tensors (any mix). Raises AssertionError that says how far `what` is off.

    Close means |got - expected| <= atol + rtol * |expected| everywhere; equal infinities and NaN at the same places
    are close. For float32 some more is allowed, a few roundings of the largest number: where sums cancel, a small
    result has the errors of its large terms.
    """
    try:
        left, right = _as_array(got), _as_array(expected)
    except (TypeError, ValueError, RuntimeError):
        raise AssertionError(f"{what}: expected numbers, got {type(got).__name__}") from None
    if left.dtype.kind not in "biufc":
        raise AssertionError(f"{what}: expected numbers, got {type(got).__name__}")
    assert left.shape == right.shape, f"{what}: expected the shape {right.shape}, got {left.shape}"
    if any(array.dtype in (np.float32, np.float16) for array in (left, right)):
        atol += FLOAT32_ROUNDING * float(np.abs(right[np.isfinite(right)]).max(initial=0.0))
    if np.allclose(left, right, rtol=rtol, atol=atol, equal_nan=True):
        return
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        distance = np.nan_to_num(np.abs(left.astype(complex) - right), nan=math.inf)
        excess = np.nan_to_num(distance / (atol + rtol * np.nan_to_num(np.abs(right))), posinf=math.inf)
    if right.ndim == 0:
        raise _off(f"{what}: {_differ(right.item(), left.item())}", excess)
    worst = np.unravel_index(int(np.argmax(excess)), excess.shape)
    share = float(np.mean(excess > 1))
    place = ", ".join(str(int(index)) for index in worst)
    difference = _differ(right[worst].item(), left[worst].item())
    raise _off(f"{what}: {share:.0%} of the values differ; at [{place}] {difference}", excess)


def _off(message: str, excess: np.ndarray[Any, Any]) -> AssertionError:
    """The failure of a comparison; it says how many times too far the worst value is off, for `mlops-grade prove`."""
    error = AssertionError(message)
    error.__dict__["mlops_excess"] = float(min(np.max(excess), FARTHEST))
    return error


def _as_array(value: Any) -> np.ndarray[Any, Any]:
    if hasattr(value, "detach") and hasattr(value, "dtype") and not isinstance(value, Handle):
        value = value.detach()
        return np.asarray(value.float().numpy() if str(value.dtype) == "torch.bfloat16" else value.numpy())
    if isinstance(value, list | tuple):
        _only_numbers(value)
    if isinstance(value, list | tuple | bool | int | float | complex | np.ndarray | np.generic):
        return np.asarray(value)
    raise TypeError


def _only_numbers(values: list[Any] | tuple[Any, ...]) -> None:
    """Raises TypeError for anything else: an array of texts takes the room of the longest for each."""
    for value in values:
        if isinstance(value, list | tuple):
            _only_numbers(value)
        elif isinstance(value, str | bytes | dict | set):
            raise TypeError


def _differ(expected: Any, got: Any) -> str:
    """Both in six digits, or in all of them where six are the same."""
    wanted, given = (f"{value:.6g}" if isinstance(value, float) else str(value) for value in (expected, got))
    return f"expected {expected!r}, got {got!r}" if wanted == given else f"expected {wanted}, got {given}"


class Student:
    """A student's work in a jail of its own, as a suite sees it.

    Every method raises StudentFailure when the processes die, hang or flood, and StudentError for an exception in
    student code.
    """

    def __init__(self, pod: Pod, missing: Callable[[str], str]) -> None:
        self._pod = pod
        self._missing = missing
        self.patience = 10.0
        self._read: set[int] = set()
        self._written: set[str] = set()

    @property
    def suites_own(self) -> frozenset[str]:
        """The files of the workspace that the suite wrote, and not as a copy of what it had read there."""
        return frozenset(self._written)

    @property
    def exchanges(self) -> int:
        """How often something was asked of the student's processes."""
        return self._pod.exchanges

    @property
    def printed(self) -> str:
        """What the student's processes have printed, one after the other."""
        return self._pod.printed()

    # ---------------------------------------------------------------------------------------------- objects

    def load(self, name: str, path: str = ".") -> Any:
        """Import a module of the workspace (`path` goes first on `sys.path`) and give a handle on it."""
        base = name.replace(".", "/") if path == "." else f"{path}/{name.replace('.', '/')}"
        self._complain_if_missing(f"{base}.py", f"{base}/__init__.py")
        return self._pod.ask(max(self.patience, 30), "load", name, path)

    def run(self, probe: Probe, *arguments: Any, **named: Any) -> Any:
        """Run a probe in the worker; what it returns is data or a handle."""
        return self._pod.ask(self.patience, "probe", probe.source, probe.name, arguments, named)

    # --------------------------------------------------------------------------------------------- programs

    def cli(
        self,
        file: str,
        *arguments: str,
        stdin: str | bytes = "",
        env: dict[str, str] | None = None,
        cwd: str = ".",
        timeout: float = 30,
    ) -> Finished:
        """Run a Python program (`"-m"` and a module's name work too) as `__main__` and wait for its end."""
        return self._started("python", file, arguments, stdin, env, cwd).wait(timeout)

    def shell(
        self,
        script: str,
        *arguments: str,
        stdin: str | bytes = "",
        env: dict[str, str] | None = None,
        cwd: str = ".",
        timeout: float = 30,
    ) -> Finished:
        """Run `bash script arguments…` and wait for its end."""
        return self._started("bash", script, arguments, stdin, env, cwd).wait(timeout)

    def _started(
        self, kind: str, file: str, arguments: tuple[str, ...], stdin: str | bytes, env: dict[str, str] | None, cwd: str
    ) -> Running:
        if file != "-m":
            self._complain_if_missing(_joined(cwd, file))
        data = stdin.encode() if isinstance(stdin, str) else stdin
        argv = [file, *map(str, arguments)]
        return self._pod.start(kind, argv, stdin=data, environment=env, cwd=cwd)

    @contextlib.contextmanager
    def start(
        self,
        file: str,
        *arguments: str,
        port: int,
        env: dict[str, str] | None = None,
        cwd: str = ".",
        timeout: float = 30,
    ) -> Iterator[Service]:
        """Run a Python program (or `.sh` script) in the background until it listens on `port`; killed at the end."""
        kind = "bash" if file.endswith(".sh") else "python"
        running = self._started(kind, file, arguments, "", env, cwd)
        with self._served(running, port, timeout) as service:
            yield service

    @contextlib.contextmanager
    def serve(
        self, app: str, cwd: str = ".", env: dict[str, str] | None = None, timeout: float = 30
    ) -> Iterator[httpx.Client]:
        """Serve `"module:app"` with uvicorn on a real socket; gives an httpx client to it."""
        module = app.partition(":")[0].replace(".", "/")
        self._complain_if_missing(*(_joined(cwd, f"{module}{end}") for end in (".py", "/__init__.py")))
        with self._pod.listen() as listening:
            port = listening.getsockname()[1]
            running = self._pod.start("serve", [app], environment=env, cwd=cwd, extra=(listening.fileno(),))
        with self._served(running, port, timeout) as service:
            yield service.client

    @contextlib.contextmanager
    def _served(self, running: Running, port: int, timeout: float) -> Iterator[Service]:
        transport, encodings = _PodTransport(self._pod), {"accept-encoding": "gzip, deflate"}
        base = f"http://127.0.0.1:{port}"
        with httpx.Client(transport=transport, base_url=base, headers=encodings, timeout=10) as web:
            service = Service(self._pod, running, port, web)
            service.await_answer(timeout)
            try:
                yield service
            except httpx.TimeoutException:
                raise StudentFailure("timeout", "the server did not answer in time") from None
            except httpx.TransportError as error:
                raise StudentFailure("died", service.trouble(f"the connection broke ({error})")) from None
            except BaseException:
                service.let_finish()
                raise
            finally:
                with contextlib.suppress(StudentFailure, OSError):
                    running.send(9)

    # ------------------------------------------------------------------------------------------------- time

    def looks(self, seconds: float) -> Iterator[None]:
        """Look again and again for something that the student's processes are to bring about: `for _ in looks(6): …`.

        Ends when they had `seconds`; leave the loop when it is there.
        """
        deadline = self._pod.deadline(seconds)
        while True:
            yield
            if over(deadline):
                return
            with self._pod.waiting():
                time.sleep(LOOK_AGAIN_SECONDS)

    # ---------------------------------------------------------------------------------------------- network

    def listen(self) -> socket.socket:
        """A socket that listens on loopback in the student's network; the judge accepts from it."""
        return self._pod.listen()

    @contextlib.contextmanager
    def host(self, app: Any) -> Iterator[str]:
        """Run an ASGI app in the judge; gives the base URL under which the student's programs reach it."""
        from mlops_grade.hosting import hosted

        with self._pod.listen() as listening, hosted(app, listening, MAX_ANSWER):
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"

    # ------------------------------------------------------------------------------------------------ files

    def read(self, path: str) -> bytes:
        """The bytes of a file of the workspace. Fails the check when there is none."""
        try:
            data = self._pod.read(path)
        except FileNotFoundError:
            raise StudentFailure("missing", self._missing(path) or f"there is no file {path}") from None
        except OSError as error:
            raise StudentFailure("missing", f"{path} cannot be read: {error.strerror}") from None
        self._read.add(hash(data))
        return data

    def files(self, pattern: str = "**") -> list[str]:
        """Relative paths of the workspace's files; `*` stays in a folder, `**` crosses folders."""
        return [path for path in self._pod.files() if matches(path, [pattern])]

    def write(self, path: str, data: str | bytes) -> None:
        """Put a file into the workspace; folders are made."""
        content = data.encode() if isinstance(data, str) else data
        if hash(content) not in self._read:
            self._written.add(posixpath.normpath(path))
        try:
            self._pod.write(path, content)
        except OSError as error:
            raise StudentFailure("died", f"{path} cannot be written any more: {error.strerror}") from None

    def _complain_if_missing(self, *paths: str) -> None:
        for path in paths:
            if reason := self._missing(path):
                raise StudentFailure("missing", reason)


def _joined(folder: str, file: str) -> str:
    return posixpath.normpath(posixpath.join(folder, file))


class Inspector:
    """The same files in a jail of their own, in which no student code runs: for tools and parsers that read them.

    What comes back is data as bounded as a student's, but it is what the tool or the probe found: believe it as far as
    you believe the tool, fed with a hostile file. Nothing in the workspace is imported, whatever it is called. Every
    method raises StudentFailure when a tool dies, hangs or floods over the files.
    """

    def __init__(self, pod: Pod, missing: Callable[[str], str]) -> None:
        self._pod = pod
        self._files = Student(pod, missing)
        self.patience = 30.0

    @property
    def exchanges(self) -> int:
        """How often something was asked."""
        return self._pod.exchanges

    def run(self, probe: Probe, *arguments: Any, **named: Any) -> Any:
        """Run a probe beside the files (its working directory is the workspace); what it returns is data."""
        return self._pod.ask(self.patience, "probe", probe.source, probe.name, arguments, named)

    def cli(
        self,
        tool: str,
        *arguments: str,
        stdin: str | bytes = "",
        env: dict[str, str] | None = None,
        cwd: str = ".",
        timeout: float = 60,
    ) -> Finished:
        """Run a tool over the files: `"-m"` and a module of the environment, or a command on PATH; wait for its end.

        Raises ValueError for a file: programs that are handed in run in `student`.
        """
        if "/" in tool or tool.endswith((".py", ".sh")):
            raise ValueError(
                f"the inspector runs tools, and {tool} is a file: run it with student.cli or student.shell"
            )
        data = stdin.encode() if isinstance(stdin, str) else stdin
        kind, argv = ("tool", arguments) if tool == "-m" else ("command", (tool, *arguments))
        running = self._pod.start(kind, list(map(str, argv)), stdin=data, environment=env, cwd=cwd)
        return running.wait(timeout)

    def read(self, path: str) -> bytes:
        """The bytes of a file of the workspace. Fails the check when there is none."""
        return self._files.read(path)

    def files(self, pattern: str = "**") -> list[str]:
        """Relative paths of the workspace's files; `*` stays in a folder, `**` crosses folders."""
        return self._files.files(pattern)

    def write(self, path: str, data: str | bytes) -> None:
        """Put a file into the workspace; folders are made."""
        self._files.write(path, data)

    def take(self, student: Student, pattern: str = "**") -> list[str]:
        """Copy what a student's code made: the files of their workspace that fit the pattern; gives their paths."""
        paths = student.files(pattern)
        for path in paths:
            self.write(path, student.read(path))
        return paths


class Service:
    """A program that serves on a port of the student's network."""

    def __init__(self, pod: Pod, running: Running, port: int, web: httpx.Client) -> None:
        self._pod = pod
        self._running = running
        self.port = port
        self.client = web

    @property
    def stdout(self) -> str:
        return self._running.stdout

    @property
    def stderr(self) -> str:
        return self._running.stderr

    def terminate(self, timeout: float = 10) -> Finished:
        """Send SIGTERM and wait for the end."""
        return self._running.terminate(timeout)

    def await_answer(self, timeout: float) -> None:
        """Wait until the port takes connections. Raises StudentFailure when the program ends or never listens."""
        patience = min(timeout, ASTRAY_SECONDS)
        deadline, astray = self._pod.deadline(timeout), self._pod.deadline(patience)
        with self._pod.waiting():
            while True:
                ended = not self._running.running()
                if ended:
                    raise StudentFailure("died", self.trouble("the server ended before it took a connection"))
                try:
                    with self._pod.connect(self.port):
                        return
                except OSError:
                    others = self._pod.ports() if over(astray) else []
                    if others or over(deadline):
                        message = f"nothing listens on port {self.port} after {patience if others else timeout:g} s"
                        if others:
                            message += f", but something does on port {' and '.join(map(str, others))}"
                        raise StudentFailure("timeout", self.trouble(message)) from None
                    time.sleep(0.01)

    def let_finish(self) -> None:
        """Have the server end by itself: why an answer was wrong is printed a moment after the answer."""
        with contextlib.suppress(StudentFailure, OSError):
            self._running.terminate(LAST_WORDS_SECONDS)

    def trouble(self, what: str) -> str:
        words = last_words(self._running.stderr, self._running.stdout)
        return f"{what}; its last words: {words}" if words else what


class _PodBackend(httpcore.NetworkBackend):
    """Connects where the pod's supervisor can: in the student's network."""

    def __init__(self, pod: Pod) -> None:
        self._pod = pod

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        try:
            sock = self._pod.connect(port)
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from None
        return _PodStream(sock, self._pod)


class _PodStream(httpcore.NetworkStream):
    """A connection into a pod. However slowly its other end answers, the module's time is all that it gets."""

    def __init__(self, sock: socket.socket, pod: Pod) -> None:
        self._sock = sock
        self._pod = pod

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            with self._pod.waiting():
                return within(self._deadline(timeout), self._sock, self._sock.recv, max_bytes)
        except TimeoutError as error:
            raise httpcore.ReadTimeout(str(error)) from None
        except OSError as error:
            raise httpcore.ReadError(str(error)) from None

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        deadline, left = self._deadline(timeout), memoryview(buffer)
        try:
            with self._pod.waiting():
                while left:
                    left = left[within(deadline, self._sock, self._sock.send, left) :]
        except TimeoutError as error:
            raise httpcore.WriteTimeout(str(error)) from None
        except OSError as error:
            raise httpcore.WriteError(str(error)) from None

    def close(self) -> None:
        self._sock.close()

    def get_extra_info(self, info: str) -> Any:
        # httpcore asks before it uses a connection again: one that has something to say has been closed.
        return bool(select.select([self._sock], [], [], 0)[0]) if info == "is_readable" else None

    def _deadline(self, timeout: float | None) -> Deadline:
        return self._pod.deadline(math.inf if timeout is None else timeout)


class _PodTransport(httpx.HTTPTransport):
    def __init__(self, pod: Pod) -> None:
        super().__init__()
        self._pod = pod
        self._pool = httpcore.ConnectionPool(network_backend=_PodBackend(pod), max_connections=100)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """An answer of bounded size, before and after it is unpacked. Raises StudentFailure for a larger one."""
        answer = super().handle_request(request)
        assert isinstance(answer.stream, httpx.SyncByteStream)
        encoding = answer.headers.get("content-encoding", "identity").lower()
        stream = _Bounded(answer.stream)
        if encoding != "identity":
            packed = b"".join(stream)
            stream.close()
            if not _unpacks_within(packed, encoding, MAX_ANSWER):
                raise StudentFailure("flood", f"an answer is packed as {encoding} and is no such data, or too large")
            stream = _Bounded(httpx.ByteStream(packed))
        return httpx.Response(answer.status_code, headers=answer.headers, stream=stream, extensions=answer.extensions)


MAX_ANSWER = 64 << 20
LAST_WORDS_SECONDS = 0.5
LOOK_AGAIN_SECONDS = 0.01
ASTRAY_SECONDS = 5  # a program may open another port first, and take its time before it opens the right one


class _Bounded(httpx.SyncByteStream):
    """The bytes of an answer. Raises StudentFailure when they are too many."""

    def __init__(self, stream: httpx.SyncByteStream) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        total = 0
        for part in self._stream:
            total += len(part)
            if total > MAX_ANSWER:
                raise StudentFailure("flood", f"an answer of the server is larger than {MAX_ANSWER >> 20} MiB")
            yield part

    def close(self) -> None:
        self._stream.close()


def _unpacks_within(packed: bytes, encoding: str, limit: int) -> bool:
    """Whether packed data is of a known encoding and unpacks to at most `limit` bytes."""
    for window in {"gzip": (31,), "deflate": (15, -15)}.get(encoding, ()):
        with contextlib.suppress(zlib.error):
            unpacker = zlib.decompressobj(window)
            unpacker.decompress(packed, limit)
            return not unpacker.unconsumed_tail
    return False
