"""What the processes of a pod use together, as its keeper sees it: limits for one process cannot bound the sum.

Reads /proc; where there is none (macOS), nothing is seen. Tmpfs is not counted: its size is bounded already.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass

_FIELDS = re.compile(rb"^(RssAnon|RssShmem|VmSwap|Threads):\s+(\d+)", re.MULTILINE)


@dataclass(frozen=True)
class Usage:
    """Memory of their own in KiB, and threads."""

    memory: int = 0
    threads: int = 0


def own_memory() -> int:
    """Anonymous memory of this process in KiB: what a child shares with it until either writes."""
    return _of("self").memory


def used_by(processes: Iterable[int], shared: int) -> Usage:
    """The sum over some processes, of which each shares `shared` KiB with the warm parent."""
    memory = threads = 0
    for process in processes:
        usage = _of(str(process))
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
    parents: dict[int, list[int]] = {}
    for entry in everything():
        try:
            with open(f"/proc/{entry}/stat", "rb") as file:
                state, parent = file.read().rsplit(b")", 1)[1].split()[:2]
        except (OSError, IndexError):
            continue
        if state != b"Z":
            parents.setdefault(int(parent), []).append(entry)
    found: list[int] = []
    queue = [root]
    while queue:
        children = parents.get(queue.pop(), [])
        found += children
        queue += children
    return found
