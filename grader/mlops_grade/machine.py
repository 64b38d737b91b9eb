"""What kind of machine this is: the one place that knows systems by name, and what is said of each.

`__main__` asks it before anything else is loaded: only what every Python has may be imported here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

LINUX = sys.platform == "linux"
MACOS = sys.platform == "darwin"
HAS_PROC = LINUX  # else `ps` tells of processes

#: How a process starts that student code runs in: forked from one that has everything loaded, or anew. Apple's
#: frameworks, which torch and numpy load, do not survive a fork.
DEFAULT_START = "spawn" if MACOS else "fork"
#: What keeps those frameworks out of the processes that are forked all the same: urllib asks one of them for proxies
#: unless told that there are none, and Objective-C ends a forked process that comes upon a class for the first time.
FORKED_ENVIRONMENT = {"no_proxy": "*", "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES"} if MACOS else {}

#: Two lines, and no letter that a Windows console of an old code page cannot show.
_WINDOWS = """\
mlops-grade runs on Linux and macOS; on Windows it runs in WSL 2, the Linux that Windows brings along.
In PowerShell:  wsl --install -d Ubuntu-24.04  and then, in Ubuntu, the five steps of docs/students.md, "On Windows"."""

_ROOT = Path("/")


def refusal() -> str:
    """What to do instead, where nothing of this runs: in Windows itself. Empty on every other machine."""
    return _WINDOWS if sys.platform in ("win32", "cygwin", "msys") else ""


def container(environment: Mapping[str, str], root: Path = _ROOT) -> str:
    """Which kind of container we are in; empty outside of any that can be told."""
    if environment.get("CODESPACES") == "true":
        return "GitHub Codespaces"
    if environment.get("REMOTE_CONTAINERS") == "true" or environment.get("DEVCONTAINER") == "true":
        return "a dev container"
    if "KUBERNETES_SERVICE_HOST" in environment:
        return "Kubernetes"
    if (root / ".dockerenv").exists():
        return "Docker"
    if (root / "run" / ".containerenv").exists():
        return "Podman"
    return "a container" if environment.get("container") else ""


def windows_subsystem(root: Path = _ROOT) -> int:
    """Which version of the Windows Subsystem for Linux this is; 0 where it is none."""
    release = _read(root / "proc" / "sys" / "kernel" / "osrelease").lower()
    if "microsoft" not in release:
        return 0
    return 2 if "wsl2" in release or "microsoft-standard" in release else 1


def on_windows_disk(folder: Path, root: Path = _ROOT) -> bool:
    """Whether a folder lies on a disk of Windows that WSL shows: slow, and it knows no executable files."""
    best, kind = "", ""
    for line in _read(root / "proc" / "self" / "mounts").splitlines():
        _, place, system, *_ = [*line.split(" "), "", "", ""]
        place = place.replace("\\040", " ")
        if len(place) >= len(best) and folder.resolve().is_relative_to(place or "/"):
            best, kind = place, system
    return windows_subsystem(root) > 0 and kind in ("9p", "drvfs", "v9fs")


def here() -> Path:
    """The folder that we are in; the root where that is gone."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        return _ROOT


def intel_mac() -> bool:
    """Whether this is a Mac with a processor of Intel's: torch has had no wheels for it since 2.3."""
    return MACOS and os.uname().machine == "x86_64" and "ARM64" not in os.uname().version


def intels_python_on_apple_silicon() -> bool:
    """Whether this Python was made for Intel and runs by Rosetta on a Mac that has a better one."""
    return MACOS and os.uname().machine == "x86_64" and "ARM64" in os.uname().version


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
