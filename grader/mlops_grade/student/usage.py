"""What the processes of a pod use together, as its keeper sees it: limits for one process cannot bound the sum.

Reads /proc; where there is none (macOS), asks `ps`, which tells less and takes longer. Tmpfs is not counted: its size
is bounded already.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mlops_grade.machine import HAS_PROC

_FIELDS = re.compile(rb"^(RssAnon|RssShmem|VmSwap|Threads):\s+(\d+)", re.MULTILINE)


@dataclass(frozen=True)
class Usage:
    """Memory of their own in KiB, and threads."""

    memory: int = 0
    threads: int = 0


@dataclass(frozen=True)
class Listed:
    """A line of `ps`: the process's parent and group, and the memory in KiB that it has in use, shared or not."""

    parent: int
    group: int
    memory: int


def listed_by_ps() -> dict[int, Listed]:
    """Every living process of this machine, as POSIX's `ps` tells it."""
    columns = [word for name in ("pid", "ppid", "pgid", "rss", "state") for word in ("-o", f"{name}=")]
    listing = subprocess.Popen(["ps", "-A", *columns], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    found: dict[int, Listed] = {}
    for line in listing.communicate()[0].splitlines():
        *numbers, state = line.split()
        process, *rest = map(int, numbers)
        if len(rest) == 3 and process != listing.pid and not state.startswith(b"Z"):
            found[process] = Listed(*rest)
    return found


def own_memory() -> int:
    """Anonymous memory of this process in KiB: what a child shares with it until either writes."""
    if not HAS_PROC:
        return listed_by_ps()[os.getpid()].memory
    return _of("self").memory


def used_by(processes: Iterable[int], shared: int) -> Usage:
    """The sum over some processes, of which each shares `shared` KiB with the warm parent."""
    memory = threads = 0
    listed = {} if HAS_PROC else listed_by_ps()
    for process in processes:
        found = listed.get(process)
        usage = _of(str(process)) if HAS_PROC else Usage(found.memory, 1) if found else Usage()
        memory += max(0, usage.memory - shared)
        threads += usage.threads
    return Usage(memory, threads)


def _of(process: str) -> Usage:
    try:
        with open(f"/proc/{process}/status", "rb") as file:
            found = {name: int(value) for name, value in _FIELDS.findall(file.read())}
    except (OSError, ValueError):
        return Usage()
    return Usage(sum(found.values()) - found.get(b"Threads", 0), found.get(b"Threads", 0))


def everything() -> list[int]:
    """Every process that this /proc shows."""
    with contextlib.suppress(OSError):
        return [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]
    return []


def descendants(root: int) -> list[int]:
    """Every process below `root`, zombies left out."""
    children: dict[int, list[int]] = {}
    for process, parent in _parents():
        children.setdefault(parent, []).append(process)
    found: list[int] = []
    queue = [root]
    while queue:
        below = children.get(queue.pop(), [])
        found += below
        queue += below
    return found


def members(groups: Iterable[int]) -> list[int]:
    """Every process of these groups; for where there is no /proc and nobody adopts orphans."""
    chosen = frozenset(groups)
    return [process for process, each in listed_by_ps().items() if each.group in chosen] if chosen else []


def _parents() -> Iterator[tuple[int, int]]:
    """Every living process with its parent."""
    if not HAS_PROC:
        yield from ((process, each.parent) for process, each in listed_by_ps().items())
    for entry in everything():
        try:
            with open(f"/proc/{entry}/stat", "rb") as file:
                state, parent = file.read().rsplit(b")", 1)[1].split()[:2]
        except (OSError, IndexError):
            continue
        if state != b"Z":
            yield entry, int(parent)
