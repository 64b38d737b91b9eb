"""How long a pod's processes stood ready for a core and got none, as their keeper sees it, from outside the pod.

The kernel counts for each thread how long it waited for a core (Linux, /proc/PID/schedstat, Documentation/scheduler/
sched-stats.rst). That alone can be made at will: threads of one pod wait for each other. So what counts as standing
still is never more than the time in which the pod did not compute, and never more than what *others* computed on its
cores meanwhile: on a machine that has nothing else to do, nothing stands still.
"""

from __future__ import annotations

import contextlib
import os
import struct
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

WINDOW_SECONDS = 1.0  # /proc/stat counts in hundredths of a second: over less than this they say little
REFERENCE_SECONDS = 0.001
_READING = struct.Struct("<ddd")
_TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


@dataclass(frozen=True)
class Reading:
    """Up to when the pod was watched (time.monotonic), and how many seconds it stood still and computed by then."""

    at: float = 0.0
    stalled: float = 0.0
    computed: float = 0.0


def read(page: int) -> Reading:
    """The last reading on a page; one of nothing where there is none yet."""
    data = os.pread(page, _READING.size, 0)
    return Reading(*_READING.unpack(data)) if len(data) == _READING.size else Reading()


@dataclass(frozen=True)
class _Machine:
    """What is counted for the machine: seconds of its cores together, since it started."""

    at: float
    idle: float
    stolen: float


class Meter:
    """Watches a pod's processes and writes readings on a page that the judge reads; the pod has no hold of it."""

    def __init__(self, page: int) -> None:
        self._page = page
        self._cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
        self._kernel_tells = os.path.exists("/proc/self/schedstat")
        self._threads: dict[int, tuple[int, int]] = {}  # nanoseconds computed and waited, by thread
        self._stalled = 0.0  # in windows that are over
        self._computed = 0.0
        self._delay = 0.0  # in this window, from here on
        self._survivors = 0.0  # seconds computed by threads that still live
        self._witnessed = 0.0  # seconds that threads were seen to compute: some leave no trace when they end
        self._computed_before = 0.0
        self._machine = self._look_at_machine()
        self._looked = self._machine.at
        os.pwrite(page, _READING.pack(self._machine.at, 0.0, 0.0), 0)

    def look(self, processes: Iterable[int]) -> None:
        """Take account of these processes, all that the pod has (the dead that nobody has missed yet among them)."""
        if not self._kernel_tells:
            self._guess()
            return
        now = self._look_at_machine()
        computed = 0.0
        seen: dict[int, tuple[int, int]] = {}
        for process in processes:
            computed += _computed(process)
            seen.update(_threads_of(process))
        for thread, (ran, waited) in seen.items():
            before = self._threads.get(thread, (0, 0))
            if ran < before[0] or waited < before[1]:  # the number has been given to another
                before = (0, 0)
            self._survivors += (ran - before[0]) / 1e9
            self._witnessed += (ran - before[0]) / 1e9
            self._delay += (waited - before[1]) / 1e9
        self._threads = seen
        self._computed = max(self._computed, self._witnessed, computed)
        stalled = self._stalled + self._stalled_since(now)
        os.pwrite(self._page, _READING.pack(now.at, stalled, self._computed), 0)
        if now.at - self._machine.at >= WINDOW_SECONDS:
            self._stalled, self._machine, self._computed_before = stalled, now, self._computed
            self._delay = self._survivors = 0.0

    def _stalled_since(self, now: _Machine) -> float:
        """Seconds of this window in which the pod was ready and the machine did not let it compute."""
        cores = max(1, len(self._cores))
        wall, idle = now.at - self._machine.at, now.idle - self._machine.idle
        computed = self._computed - self._computed_before
        others = cores * wall - idle - computed
        # What waited and has ended since the last look is not in any file any more; that it computed is known.
        ended = max(0.0, computed - self._survivors) * max(0.0, _ready_threads() / cores - 1)
        waited = self._delay + ended + (now.stolen - self._machine.stolen) / cores
        return max(0.0, min(waited, wall - computed / cores, others))

    def _look_at_machine(self) -> _Machine:
        idle = stolen = 0.0
        wanted = {b"cpu%d" % core for core in self._cores}
        with contextlib.suppress(OSError, ValueError, IndexError), open("/proc/stat", "rb") as file:
            for line in file:
                name, *counts = line.split()
                if not name.startswith(b"cpu"):
                    break
                if name in wanted:
                    idle += (int(counts[3]) + int(counts[4])) / _TICK
                    stolen += int(counts[7]) / _TICK
        return _Machine(time.monotonic(), idle, stolen)

    def _guess(self) -> None:
        """Where the kernel tells nothing: what share of a core a tiny loop of our own gets at this moment."""
        began, used = time.monotonic(), time.thread_time()
        while time.thread_time() - used < REFERENCE_SECONDS:
            pass
        now = time.monotonic()
        self._stalled += (now - self._looked) * (1 - min(1.0, REFERENCE_SECONDS / max(now - began, 1e-9)))
        self._looked = now
        os.pwrite(self._page, _READING.pack(now, self._stalled, 0.0), 0)


def _computed(process: int) -> float:
    """CPU seconds of a process and of the children that it has taken leave of."""
    try:
        with open(f"/proc/{process}/stat", "rb") as file:
            fields = file.read().rsplit(b")", 1)[1].split()
        return sum(int(field) for field in fields[11:15]) / _TICK
    except (OSError, ValueError, IndexError):
        return 0.0


def _threads_of(process: int) -> Iterator[tuple[int, tuple[int, int]]]:
    try:
        threads = os.listdir(f"/proc/{process}/task")
    except OSError:
        return
    for thread in threads:
        with contextlib.suppress(OSError, ValueError):
            with open(f"/proc/{process}/task/{thread}/schedstat", "rb") as file:
                ran, waited, _ = file.read().split()
            yield int(thread), (int(ran), int(waited))


def _ready_threads() -> int:
    """Threads of the whole machine that compute, or could (proc_loadavg(5): the fourth field)."""
    try:
        with open("/proc/loadavg", "rb") as file:
            return int(file.read().split()[3].partition(b"/")[0])
    except (OSError, ValueError, IndexError):
        return 0
