"""The fence around the judge: once the suite is collected, it opens its own suite and the environment, and no more.

It starts no program and reaches no network but the sockets that pods hand it. Two layers: the interpreter's audit hook,
which every platform has and which tells the author what to do instead; and Landlock with seccomp, which hold whatever
native code does. Student code never runs here: this is for what a student's *data* may make a parser do.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from mlops_grade.machine import LINUX
from mlops_grade.student import isolation, jail

SOLUTIONS = ("solution", "right", "wrong")  # beside the suite, and none of its business
REMEDY = (
    "Read what is handed in with student.read, and run tools and complicated parsers over it in the inspector "
    "(docs/authors.md, The fence around the judge)"
)
_READABLE_PROCESS = "/proc/self"
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_STARTS = frozenset(
    ["subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "pty.spawn"]
)
_CALLS = frozenset(["socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname"])


class Fenced(PermissionError):
    """The suite did in the judge what may be done in a pod only. Libraries that can do without go on."""


@dataclass(frozen=True)
class Fence:
    """What the judge may open: its suite (not the solutions beside it), the environment, a private folder."""

    hidden: Path
    private: Path

    def settle(self) -> None:
        """Go to an empty folder, with another for temporary files: relative paths lead nowhere."""
        work, temporary = self.private / "work", self.private / "tmp"
        for folder in (work, temporary):
            folder.mkdir(mode=0o700)
        os.chdir(work)
        os.environ |= {"TMPDIR": str(temporary), "HOME": str(work)}
        tempfile.tempdir = str(temporary)

    def put_up(self) -> None:
        """No way back. Raises OSError when the kernel has the layers and refuses them."""
        readable, writable = self._readable(), [str(self.private), *isolation.writable_devices()]
        if LINUX and jail.landlock_version() >= 1:
            listable = (str(self.hidden.parent), str(self.hidden))
            jail.restrict_files(readable, writable, network=False, listable=listable)
        if jail.seccomp_known():
            jail.filter_judge()
        sys.addaudithook(_hook(_within(readable + writable), _within(writable)))  # last: it sees those steps as well

    def _readable(self) -> list[str]:
        given = [path for path in self.hidden.parent.iterdir() if path != self.hidden]
        suite = [path for path in self.hidden.iterdir() if path.name not in SOLUTIONS]
        system = [*isolation.SYSTEM_FOLDERS, *isolation.SYSTEM_FILES, "/sys/devices/system", _READABLE_PROCESS]
        return [*system, *isolation.surroundings().readable, *map(str, (*given, *suite))]


def missing_layers() -> str:
    """What of the fence this platform cannot give, in words; empty where all of it holds."""
    if not LINUX:
        return "Landlock and seccomp are Linux's: here the judge is held by the interpreter alone"
    lacking = [] if jail.landlock_version() >= 1 else ["Landlock (Linux 5.13)"]
    lacking += [] if jail.seccomp_known() else ["a system call table for this machine"]
    return f"{' and '.join(lacking)} missing: the judge is held by the interpreter alone" if lacking else ""


def _within(folders: list[str]) -> Callable[[str], bool]:
    """Whether a path, as it resolves, lies at or below one of some places."""
    places = frozenset(os.path.realpath(folder) for folder in folders)

    @lru_cache(maxsize=4096)
    def within(path: str) -> bool:
        place = os.path.realpath(path)
        while place not in places and place != os.path.dirname(place):
            place = os.path.dirname(place)
        return place in places

    return within


def _hook(readable: Callable[[str], bool], writable: Callable[[str], bool]) -> Callable[[str, tuple[Any, ...]], None]:
    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, mode, flags = arguments
            if isinstance(path, int):  # what is open already came from a pod, or was opened before
                return
            writes = bool(flags & _WRITING) if mode is None else not mode.startswith("r") or "+" in mode
            if not (writable if writes else readable)(os.path.abspath(os.fsdecode(path))):
                raise Fenced(f"the suite {'writes' if writes else 'opens'} {os.fsdecode(path)} in the judge. {REMEDY}")
        elif event in _STARTS:
            raise Fenced(f"the suite starts a process in the judge ({event}). {REMEDY}")
        elif event in _CALLS:
            raise Fenced(f"the suite uses a network in the judge ({event}). {REMEDY}")
        elif event == "pickle.find_class":
            raise Fenced(f"the suite unpickles in the judge. {REMEDY}")

    return hook
