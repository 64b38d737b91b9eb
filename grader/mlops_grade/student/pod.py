"""A pod: the fence around one test, and the supervisor that starts the student's processes inside it.

`Keeper` stays outside the pod's process namespace and ends everything when its lifeline closes. `Pod` is the first
process inside: it writes and reads files, forks workers and programs, opens sockets in the pod's network. It never runs
student code itself.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import shutil
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops_grade.machine import HAS_PROC, LINUX
from mlops_grade.student import jail, wire
from mlops_grade.student.channel import Channel, ChannelError, anonymous_file
from mlops_grade.student.forkserver import Role, drain, reap, wake_on_signals
from mlops_grade.student.forkserver import preload as load
from mlops_grade.student.groups import StartedGroups
from mlops_grade.student.meter import Meter
from mlops_grade.student.program import Program
from mlops_grade.student.shortage import in_words
from mlops_grade.student.usage import descendants, everything, members, own_memory, used_by
from mlops_grade.student.worker import Worker

MAX_LISTED = 20_000
LISTENS = "0A"  # TCP_LISTEN in the state column of /proc/net/tcp (Linux, include/net/tcp_states.h)
SWEEP_SECONDS = 60  # at most, to end what a pod left; a moment, unless the machine hardly runs
LOOK_SECONDS, LOOK_SECONDS_OUTSIDE = 0.1, 0.25  # how often a keeper looks; outside it reads the machine's whole /proc
LOOK_SECONDS_UNWATCHED, LOOK_SECONDS_BY_PS = 0.05, 1.0  # where it has to ask for the pod's end, and to start `ps`


@dataclass(frozen=True)
class Settings:
    """What the trusted side says of the fence when it starts a warm parent."""

    tier: str
    private: str
    readable: list[str]
    devices: list[str]
    workspace: str


@dataclass(frozen=True)
class Places:
    """Where a pod's own folders are, as its processes see them."""

    workspace: str
    temporary: str
    shared_memory: str

    @property
    def home(self) -> str:
        return f"{self.temporary}/home"


def rehearse(settings: Settings) -> None:
    """Put up the whole fence in this process and its child. Raises OSError where this machine does not allow it."""
    read, write = os.pipe()
    limits = jail.Limits(workspace=1, temporary=1, shared_memory=1)
    places = _fence_outside(settings, limits)
    child = os.fork()
    if child == 0:
        try:
            _fence_inside(settings, limits, places)
            os._exit(0)
        except BaseException as error:
            os.write(write, f"{error}".encode()[:500])
            os._exit(1)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        trouble = pipe.read().decode(errors="replace")
    _, status = os.waitpid(child, 0)
    _remove(settings, places)
    if status != 0:
        raise OSError(f"a pod's first process could not put up its fence: {trouble}")


def _fence_outside(settings: Settings, limits: jail.Limits) -> Places:
    """What has to be done before the pod's first process exists."""
    if settings.tier == "namespaces":
        jail.leave_namespaces()
        places = Places(settings.workspace, "/tmp", "/dev/shm")
        jail.mount_temporary(places.workspace, limits.workspace, settings.readable)
        jail.mount_temporary(places.temporary, limits.temporary, settings.readable)
        jail.mount_temporary(places.shared_memory, limits.shared_memory, settings.readable)
        jail.mount_temporary("/var/tmp", 16, settings.readable)
        jail.mount_terminals()
        jail.loopback_up()
        return places
    base = f"{settings.private}/{os.getpid()}-{time.monotonic_ns()}"
    places = Places(f"{base}/workspace", f"{base}/tmp", "/dev/shm")
    os.makedirs(places.workspace, 0o700)
    os.makedirs(places.temporary, 0o700)
    return places


def _fence_inside(settings: Settings, limits: jail.Limits, places: Places) -> None:
    """What the pod's first process puts up around itself and all it will start."""
    namespaces = settings.tier == "namespaces"
    writable = [places.workspace, places.temporary, places.shared_memory]
    if namespaces:
        jail.mount_processes(2 * limits.processes)
        writable += ["/var/tmp", "/dev/ptmx", "/dev/pts"]
    elif LINUX:
        jail.leave_root([places.workspace, places.temporary], settings.readable)
        jail.die_with_parent()  # changing the user took it off
    os.makedirs(places.home, 0o700, exist_ok=True)
    os.chdir(places.workspace)
    if LINUX:
        jail.drop_capabilities()
        jail.no_new_privileges()
    jail.apply_limits(limits, own_user_namespace=namespaces)
    if settings.tier in ("namespaces", "landlock"):
        # The pod's network holds nothing but itself; without namespaces Landlock cannot tell loopback from elsewhere.
        jail.restrict_files(settings.readable, [*writable, *settings.devices], network=True)
        jail.filter_syscalls()


class Keeper:
    """Waits, outside, for the lifeline to close or the pod to end; then leaves nothing of the pod behind.

    Ends it, and says why, when its processes use more together than they may.
    """

    def __init__(self, settings: Settings, message: dict[str, Any], descriptors: list[int]) -> None:
        control, self._lifeline, self._files, self._page = descriptors
        self._settings = settings
        self._limits = jail.Limits(**message["limits"])
        self._environment: dict[str, str] = message["environment"]
        self._preload: list[str] = message["preload"]
        self._control = Channel.from_descriptor(control)

    def run(self) -> Role | None:
        if os.getsid(0) != os.getpid():  # a parent that was started for this pod alone leads a session already
            os.setsid()
        # Not to die with the parent: whatever becomes of it, the pod is ended when the judge hangs up.
        jail.hide_memory()
        jail.adopt_orphans()
        self._shared = own_memory()
        try:
            places = _fence_outside(self._settings, self._limits)
            self._groups = StartedGroups()
            pod = os.fork()
        except OSError as error:
            self._control.send({"trouble": in_words(error)})
            os._exit(1)
        if pod == 0:
            for descriptor in (self._lifeline, self._page, self._groups.read):
                os.close(descriptor)
            fence = (self._settings, self._limits, places)
            return Pod(*fence, self._environment, self._control, self._files, self._groups, self._preload)
        os.close(self._files)
        os.close(self._groups.write)
        with contextlib.suppress(OSError):  # only root may; a fork bomb must not keep us from the processor
            os.setpriority(os.PRIO_PROCESS, 0, -10)
        excess = self._watch(pod)
        self._end(pod)
        if excess:
            with contextlib.suppress(ChannelError):
                self._control.send({"ended": excess})
        self._control.close()
        _remove(self._settings, places)
        os._exit(0)

    def _watch(self, pod: int) -> str:
        """Wait until the pod is to be ended; what it uses too much of, or an empty text."""
        look = LOOK_SECONDS if self._settings.tier == "namespaces" else LOOK_SECONDS_OUTSIDE
        meter = Meter(self._page)
        with selectors.PollSelector() as selector:
            selector.register(self._lifeline, selectors.EVENT_READ)
            watched = hasattr(os, "pidfd_open")
            if watched:
                selector.register(os.pidfd_open(pod), selectors.EVENT_READ)
            looked = time.monotonic()
            while not selector.select(look if watched else LOOK_SECONDS_UNWATCHED):
                if not watched and os.waitpid(pod, os.WNOHANG) != (0, 0):
                    return ""
                if not HAS_PROC and time.monotonic() - looked < LOOK_SECONDS_BY_PS:
                    meter.look(())
                    continue
                looked, processes = time.monotonic(), self._processes()
                meter.look(processes)
                if excess := self._excess(processes):
                    return excess
            return ""

    def _processes(self) -> list[int]:
        """Those of the pod, as this /proc numbers them."""
        if self._settings.tier != "namespaces":
            return descendants(os.getpid())
        # The pod's own /proc, in which we are not, lies over ours by now, unless it is about to.
        return [] if os.path.exists("/proc/self") else everything()

    def _excess(self, processes: list[int]) -> str:
        usage = used_by(processes, self._shared)
        if usage.memory > self._limits.total << 10:
            return "memory"
        return "processes" if usage.threads > 2 * self._limits.processes else ""

    def _end(self, pod: int) -> None:
        """Kill the pod; where it has no process namespace that dies with it, every process it left as well."""
        if not LINUX:
            self._end_without_adoption(pod)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pod, signal.SIGKILL)
        if self._settings.tier == "namespaces":
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pod, 0)
            return
        deadline = time.monotonic() + SWEEP_SECONDS
        while time.monotonic() < deadline:
            left = descendants(os.getpid())
            for step in (signal.SIGSTOP, signal.SIGKILL):  # stopped first, so that none forks while we look
                for pid in left:
                    with contextlib.suppress(ProcessLookupError, PermissionError):
                        os.kill(pid, step)
            reap()
            if not left:
                return
            time.sleep(0.002)

    def _end_without_adoption(self, pod: int) -> None:
        """End what is below the pod or in a group that it started, where what loses its parent is lost sight of.

        Nothing is killed before all that there is stands still: whoever runs could start something that is not seen.
        """
        _signal([pod], signal.SIGSTOP)
        stopped: set[int] = set()
        deadline = time.monotonic() + SWEEP_SECONDS
        while time.monotonic() < deadline:
            left = {*descendants(pod), *members(self._groups.known())} - {pod}
            if left <= stopped:
                break
            _signal(left, signal.SIGSTOP)
            stopped |= left
        _signal(stopped, signal.SIGKILL)


def _signal(processes: Iterable[int], number: int) -> None:
    for process in processes:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(process, number)


def _remove(settings: Settings, places: Places) -> None:
    if settings.tier == "namespaces":
        return  # memory file systems of a namespace that ends with this process

    def unlock(function: Any, path: str, _: Any) -> None:
        with contextlib.suppress(OSError):
            os.chmod(os.path.dirname(path), 0o700)
            if not os.path.islink(path):
                os.chmod(path, 0o700)
            function(path)

    base = os.path.dirname(places.workspace)
    try:
        shutil.rmtree(base, onerror=unlock)
    except (OSError, RecursionError):  # folders nested deeper than a path may be long
        subprocess.run(["rm", "-rf", "--", base], check=False, stderr=subprocess.DEVNULL)


class Pod:
    """The first process of a pod: does what the judge asks for, until the judge hangs up."""

    def __init__(
        self,
        settings: Settings,
        limits: jail.Limits,
        places: Places,
        environment: dict[str, str],
        control: Channel,
        files: int,
        groups: StartedGroups,
        preload: list[str],
    ) -> None:
        """`preload` names what each process of Python's imports first, where the warm parent did not."""
        self._settings = settings
        self._groups = groups
        self._preload = preload
        self._limits = limits
        self._places = places
        self._environment = environment
        self._control = control
        self._files = files
        self._numbers: dict[int, int] = {}

    def run(self) -> Role | None:
        try:
            jail.die_with_parent()
            self._set_environment()
            _fence_inside(self._settings, self._limits, self._places)
            self._write_submission()
        except Exception as error:
            trouble = in_words(error) if isinstance(error, OSError) else f"{type(error).__name__}: {error}"
            self._control.send({"trouble": trouble})
            os._exit(1)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        wakeup = wake_on_signals()
        self._control.send({"ready": True, "workspace": self._places.workspace})
        with selectors.PollSelector() as selector:
            selector.register(wakeup, selectors.EVENT_READ)
            selector.register(self._control, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    if key.fileobj == wakeup:
                        self._tell_exits(wakeup)
                        continue
                    role = self._request()
                    if role is not None:
                        signal.set_wakeup_fd(-1)
                        return role

    def _set_environment(self) -> None:
        replaced = {
            name: value.replace("@home@", self._places.home).replace("@tmp@", self._places.temporary)
            for name, value in self._environment.items()
        }
        os.environ.clear()
        os.environ.update(replaced)
        import tempfile

        tempfile.tempdir = None

    def _write_submission(self) -> None:
        with os.fdopen(self._files, "rb") as file:
            data = file.read()
        for path, content in wire.decode_frame(data).items():
            self._write(path, content)

    def _write(self, path: str, content: bytes) -> None:
        place = Path(self._places.workspace, path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        if content[:2] == b"#!":
            place.chmod(0o755)

    def _tell_exits(self, wakeup: int) -> None:
        drain(wakeup)
        for pid, status in reap():
            number = self._numbers.pop(pid, None)
            if number is not None:
                self._control.send({"exited": number, "status": status})
        self._groups.forget_those_that_ended(self._numbers)

    def _request(self) -> Role | None:
        try:
            message, descriptors = self._control.receive()
        except ChannelError:
            os._exit(0)
        try:
            answer = getattr(self, f"_do_{message['op']}")(message, descriptors)
        except OSError as error:
            answer = {"error": error.strerror or str(error), "errno": error.errno}
        except (RecursionError, wire.WireError) as error:  # a tree of files that is out of all proportion
            answer = {"error": str(error), "errno": 0}
        if not isinstance(answer, dict):
            role: Role = answer
            return role
        out = answer.pop("descriptors", ())
        self._control.send(answer, out)
        for descriptor in (*descriptors, *out):
            with contextlib.suppress(OSError):
                os.close(descriptor)
        return None

    # ------------------------------------------------------------------------------------------------- requests

    def _do_worker(self, message: dict[str, Any], descriptors: list[int]) -> dict[str, Any] | Role:
        wire_end, out, err = descriptors
        null = os.open("/dev/null", os.O_RDWR)
        if self._forked(message["number"], (null, out, err, wire_end), self._preload):
            return Worker(self._places.workspace, message["seed"], message["imports"])
        os.close(null)
        return {"ok": True}

    def _do_program(self, message: dict[str, Any], descriptors: list[int]) -> dict[str, Any] | Role:
        # A socket to listen on may come as a fourth descriptor: the program finds it as number 3.
        preload = self._preload if message["kind"] in ("python", "serve") else []
        if self._forked(message["number"], tuple(descriptors), preload):
            return Program(message["kind"], message["argv"], message["cwd"], message["environment"])
        return {"ok": True}

    def _forked(self, number: int, descriptors: tuple[int, ...], preload: list[str]) -> bool:
        """Fork; true in the child. Where that has something to load first, it has done so before this is false."""
        loading, loaded = os.pipe() if preload else (-1, -1)
        pid = os.fork()
        if pid:
            self._numbers[pid] = number
            self._groups.tell(pid)
            if preload:
                os.close(loaded)
                os.read(loading, 1)  # nothing comes: it is closed when all is loaded, or the child is dead
                os.close(loading)
            return False
        os.setsid()
        if preload:
            load(preload, for_many=False)
            os.close(loaded)
        jail.die_with_parent()
        for which in (signal.SIGCHLD, signal.SIGINT):
            signal.signal(which, signal.default_int_handler if which == signal.SIGINT else signal.SIG_DFL)
        # Twice, so that no number is overwritten before it was copied.
        high = [os.dup2(descriptor, 100 + place, False) for place, descriptor in enumerate(descriptors)]
        for place, descriptor in enumerate(high):
            os.dup2(descriptor, place, True)
        self._control.sock.detach()
        os.closerange(len(descriptors), 1024)
        jail.show_memory()
        return True

    def _do_signal(self, message: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
        for pid, number in self._numbers.items():
            if number == message["number"]:
                os.kill(pid, message["signal"])
        return {"ok": True}

    def _do_write(self, message: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
        with os.fdopen(os.dup(descriptors[0]), "rb") as file:
            self._write(message["path"], file.read())
        return {"ok": True}

    def _do_read(self, message: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
        place = os.path.join(self._places.workspace, message["path"])
        descriptor = os.open(place, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            return {"error": "is not a regular file", "errno": 0}
        return {"ok": True, "descriptors": (descriptor,)}

    def _do_files(self, message: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
        found = []
        for folder, folders, files in os.walk(self._places.workspace):
            folders.sort()
            found += [os.path.relpath(os.path.join(folder, file), self._places.workspace) for file in sorted(files)]
            if len(found) > MAX_LISTED:
                break
        listing = anonymous_file(wire.encode(found[:MAX_LISTED]))
        return {"ok": True, "descriptors": (listing,)}

    def _do_listen(self, message: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
            # Inherited by what is accepted: a server that writes an answer in two parts else waits 40 ms for an ACK.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.bind(("127.0.0.1", message.get("port", 0)))
            sock.listen(128)
            return {"ok": True, "port": sock.getsockname()[1], "descriptors": (os.dup(sock.fileno()),)}

    def _do_connect(self, message: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
            sock.settimeout(5)
            sock.connect(("127.0.0.1", message["port"]))
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setblocking(True)
            return {"ok": True, "descriptors": (os.dup(sock.fileno()),)}

    def _do_listening(self, message: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
        """The ports that something listens on, where the network is this pod's alone."""
        ports: set[int] = set()
        tables = (Path("/proc/self/net", name) for name in ("tcp", "tcp6") if self._settings.tier == "namespaces")
        for table in filter(Path.exists, tables):
            for row in table.read_text().splitlines()[1:]:
                _, address, _, state, *_ = row.split()
                if state == LISTENS:
                    ports.add(int(address.rpartition(":")[2], 16))
        return {"ok": True, "ports": sorted(ports)}

    def _do_cpu(self, message: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
        """CPU seconds of the pod's processes, those that have ended and those that still run."""
        seconds = sum(os.times()[:4])
        ticks = os.sysconf("SC_CLK_TCK")
        for pid in descendants(os.getpid()):
            with contextlib.suppress(OSError, IndexError, ValueError):
                fields = Path(f"/proc/{pid}/stat").read_bytes().rsplit(b")", 1)[1].split()
                seconds += sum(int(field) for field in fields[11:15]) / ticks
        return {"ok": True, "seconds": seconds}
