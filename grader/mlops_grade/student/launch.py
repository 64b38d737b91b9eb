"""Starting fork servers from the trusted side, and asking them for work."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
from dataclasses import asdict
from typing import Any

from mlops_grade.errors import GraderError, MachineTooBusy
from mlops_grade.machine import FORKED_ENVIRONMENT
from mlops_grade.student import hugepages, isolation
from mlops_grade.student.channel import Channel, ChannelError, anonymous_file, close_all
from mlops_grade.student.deadline import PATIENCE_WITH_OURSELVES, OnTheWall
from mlops_grade.student.isolation import Tier
from mlops_grade.student.pod import Settings
from mlops_grade.student.shortage import of_this_machine


class ServerProcess:
    """A fork server's process: started, told what to preload, asked for work, ended."""

    def __init__(
        self,
        module: str,
        greeting: dict[str, Any],
        environment: dict[str, str],
        prefix: list[str] | None = None,
        descriptors: tuple[int, ...] = (),
        cwd: str = "/",
    ) -> None:
        ours, theirs = Channel.pair()
        self._control = ours
        self._lock = threading.Lock()
        self._log = os.fdopen(anonymous_file(b""), "r+b")  # lives as long as the server
        command = [*(prefix or []), sys.executable, "-P", "-m", module, str(theirs.fileno())]
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=self._log,
                env={**environment, **hugepages.ENVIRONMENT, **FORKED_ENVIRONMENT},
                cwd=cwd,
                pass_fds=(theirs.fileno(), *descriptors),
                start_new_session=True,  # ctrl-C in the terminal is for the grader alone
            )
        except OSError as error:
            ours.close()
            raise GraderError(f"cannot start {command[0]}: {error.strerror}") from None
        finally:
            theirs.close()
        with contextlib.suppress(ChannelError):
            self._control.send(greeting)

    def ready(self, seconds: float = PATIENCE_WITH_OURSELVES) -> dict[str, Any]:
        """Wait until the server has preloaded. Raises GraderError with what it printed when it did not get there."""
        try:
            message, _ = self._control.receive(OnTheWall(seconds))
        except TimeoutError:
            self.close()
            raise MachineTooBusy(seconds) from None
        except ChannelError as error:
            self.close()
            raise GraderError(f"a process of the grader did not start ({error}): {self.log()}") from None
        if not message.get("ready"):
            self.close()
            raise GraderError(str(message.get("trouble")))
        return message

    def client(self) -> Channel:
        """A connection of its own to the server, to be handed to another process. Raises GraderError."""
        ours, theirs = Channel.pair()
        try:
            with self._lock:
                self._control.send({"op": "client"}, (theirs.fileno(),))
        except ChannelError:
            ours.close()
            raise GraderError("a process of the grader has ended") from None
        finally:
            theirs.close()
        return ours

    def start(self, request: dict[str, Any], descriptors: tuple[int, ...]) -> None:
        """Ask for one piece of work. Raises GraderError when the server is gone."""
        try:
            with self._lock:
                self._control.start(request, descriptors)
        except ChannelError:
            raise GraderError("a process of the grader has ended") from None

    @property
    def alive(self) -> bool:
        """Whether it can be asked for work. A process that was killed is deaf some time before it is gone."""
        return self._process.poll() is None and not self._control.hung_up

    @property
    def pid(self) -> int:
        return self._process.pid

    def log(self) -> str:
        """The end of what the server printed."""
        size = os.fstat(self._log.fileno()).st_size
        return os.pread(self._log.fileno(), 4000, max(0, size - 4000)).decode(errors="replace").strip()

    def hang_up(self) -> None:
        """Have the server end, with everything that it started; `close` waits for it."""
        self._control.close()

    def close(self) -> None:
        """End the server and, with it, everything that it started."""
        self.hang_up()
        try:
            self._process.wait(2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def start_parent(tier: Tier, preload: list[str], private: str, once: bool = False) -> ServerProcess:
    """Start a warm parent of student code in a tier; `ready()` says whether it really got there."""
    around = isolation.surroundings()
    readable = [*isolation.readable_system(), *around.readable]
    settings = Settings(str(tier), private, readable, isolation.writable_devices(), isolation.WORKSPACE)
    files = (("accounts", isolation.ACCOUNTS), ("groups", isolation.GROUPS), ("hosts", isolation.HOSTS))
    with of_this_machine("a warm parent could not be started"):
        made_up = {name: anonymous_file(text.encode()) for name, text in files}
    try:
        return ServerProcess(
            "mlops_grade.student.parent",
            {"settings": asdict(settings), "preload": preload, "once": once},
            isolation.clean_environment(around.command_path, "/tmp", "/tmp"),
            isolation.prefix(tier, made_up),
            tuple(made_up.values()),
        )
    finally:
        close_all(list(made_up.values()))


class OneForEachPod:
    """Starts a parent of its own for each pod that a judge asks for: where a warm one cannot fork.

    The judge may start no process itself. Close it when the judge has ended.
    """

    def __init__(self, tier: Tier, private: str) -> None:
        self._tier = tier
        self._private = private
        self._parents: list[ServerProcess] = []
        self._ours, self._theirs = Channel.pair()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def client(self) -> Channel:
        """The connection to hand to the judge. Once."""
        return self._theirs

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._ours.sock.shutdown(socket.SHUT_RDWR)  # wakes the thread, which a close does not
        self._thread.join()
        self._ours.close()
        for parent in self._parents:
            parent.close()

    def _serve(self) -> None:
        with contextlib.suppress(ChannelError):
            while True:
                request, descriptors = self._ours.receive()
                try:
                    self._start(request, descriptors)
                except GraderError as error:
                    with contextlib.suppress(ChannelError, OSError):
                        Channel.from_descriptor(os.dup(descriptors[0])).send({"trouble": str(error)})
                finally:
                    close_all(descriptors)

    def _start(self, request: dict[str, Any], descriptors: list[int]) -> None:
        parent = start_parent(self._tier, [], self._private, once=True)
        self._parents.append(parent)
        parent.ready()
        parent.start({name: value for name, value in request.items() if name != "op"}, tuple(descriptors))
