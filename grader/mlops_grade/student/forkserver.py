"""A process that has imported everything already and forks a copy of itself for each piece of work.

Used twice: by the warm parent of student code (`parent`) and by the warm judge. A forked child leaves through the
return value: `run` gives the role that the child takes up, so that its work starts at the bottom of the stack, not on
top of the server's. With `once` nothing is forked: the process itself takes up the first role (platforms that cannot
fork).
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import os
import selectors
import signal
import sys
import weakref
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from mlops_grade.student.channel import Channel, ChannelError, close_all
from mlops_grade.student.hugepages import collapse
from mlops_grade.student.shortage import in_words


class Role(Protocol):
    """What a process is for: does it, and gives the role of the child that it forked, if this is the child."""

    def run(self) -> Role | None: ...


#: What a library imports only when it is used first, which would be in every child.
IMPORTED_LATE = {
    "torch": ("torch._dynamo", "torch.optim"),  # a second, at an optimiser's first step
    "uvicorn": (
        "uvicorn.loops.auto", "uvicorn.protocols.http.auto", "uvicorn.protocols.websockets.auto", "uvicorn.lifespan.on"
    ),
}  # fmt: skip
IDLE_SECONDS = 0.05

RoleMaker = Callable[[dict[str, Any], list[int]], Role]
Refusal = Callable[[list[int], str], None]


class ForkServer:
    """Answers `start` requests of any number of clients until its control connection closes."""

    def __init__(self, control: Channel, make_role: RoleMaker, refuse: Refusal, once: bool = False) -> None:
        """`refuse` tells, by a request's descriptors, why there is no process for it."""
        self._control = control
        self._refuse = refuse
        self._make_role = make_role
        self._once = once
        self._tidying: Iterator[None] = iter(()) if once else collapse()
        # Not the best there is: a fork shares an epoll set, and loses a kqueue.
        self._selector = selectors.PollSelector()

    def run(self) -> Role | None:
        signal.signal(signal.SIGCHLD, lambda *_: None)
        wakeup = wake_on_signals()
        self._selector.register(wakeup, selectors.EVENT_READ)
        self._selector.register(self._control, selectors.EVENT_READ)
        while True:
            for key, _ in self._wait():
                if key.fileobj == wakeup:
                    drain(wakeup)
                    reap()
                    continue
                assert isinstance(key.fileobj, Channel)
                try:
                    message, descriptors = key.fileobj.receive()
                except ChannelError:
                    if key.fileobj is self._control:
                        return None
                    self._selector.unregister(key.fileobj)
                    key.fileobj.close()
                    continue
                role = self._handle(message, descriptors)
                if role is not None:
                    return role

    def _wait(self) -> list[tuple[selectors.SelectorKey, int]]:
        """What can be read; until there is something, one step after the other of what makes later forks faster."""
        if events := self._selector.select(IDLE_SECONDS):
            return events
        for _ in self._tidying:  # goes on where it stopped the last time
            if events := self._selector.select(0):
                return events
        return self._selector.select()

    def _handle(self, message: dict[str, Any], descriptors: list[int]) -> Role | None:
        if message["op"] == "client":
            self._selector.register(Channel.from_descriptor(descriptors[0]), selectors.EVENT_READ)
            return None
        try:
            child = 0 if self._once else os.fork()
        except OSError as error:
            with contextlib.suppress(OSError, ChannelError):
                self._refuse(descriptors, in_words(error))
            child = -1
        if child == 0:
            self._forget_clients()
            return self._make_role(message, descriptors)
        close_all(descriptors)
        return None

    def _forget_clients(self) -> None:
        """In the child: connections of others must not live on in it."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        keys = list(self._selector.get_map().values())
        self._selector.close()
        for key in keys:
            if isinstance(key.fileobj, Channel):
                key.fileobj.close()
            elif isinstance(key.fileobj, int):
                os.close(key.fileobj)


def preload(names: list[str], for_many: bool = True) -> list[str]:
    """Import modules once for all children; gives those that could not be imported.

    `for_many` has them load as well what they would load late: too much for one process that may not need it.
    """
    failed = []
    for name in names:
        try:
            for module in (name, *(IMPORTED_LATE.get(name, ()) if for_many else ())):
                importlib.import_module(module)
        except Exception:
            failed.append(name)
    if "torch" in sys.modules:
        # A parent that ran one multi-threaded operation leaves children that hang in libgomp.
        sys.modules["torch"].set_num_threads(1)
        _leave_standing_at_exit()
    gc.collect()
    gc.freeze()  # children then share these pages instead of copying each at their first collection
    return failed


def _leave_standing_at_exit() -> None:
    """Spare every child what torch does at its end: 60 ms to sum up compilations and take operator libraries down."""
    if "torch._dynamo.utils" in sys.modules:
        atexit.unregister(sys.modules["torch._dynamo.utils"].dump_compile_times)
    for finalizer in list(getattr(weakref.finalize, "_registry", ())):
        finalizer.atexit = False


def wake_on_signals() -> int:
    """A descriptor that becomes readable when a signal arrives."""
    wakeup, wake = os.pipe()
    os.set_blocking(wakeup, False)
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    return wakeup


def drain(descriptor: int) -> None:
    with contextlib.suppress(BlockingIOError):
        os.read(descriptor, 4096)


def reap() -> list[tuple[int, int]]:
    """Take leave of every child that has ended: (pid, wait status) of each."""
    ended = []
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            ended.append((pid, status))
    return ended
