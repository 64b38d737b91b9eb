"""Deadlines in time that the student's work had, not in time on the wall.

A budget runs while the pod's processes compute, sleep or wait; it stands still while they are ready and the machine
does not let them (`meter` says how long that was). What even this cannot see is ended by a bound on the wall, and that
end says nothing about the work: MachineTooBusy, which is tried again.
"""

from __future__ import annotations

import contextlib
import functools
import math
import os
import threading
import time
from collections.abc import Iterator

from mlops_grade.errors import MachineTooBusy
from mlops_grade.student import meter
from mlops_grade.student.channel import anonymous_file
from mlops_grade.student.handles import StudentFailure

OUTER = 10  # times its budget that a module may take on the wall, whatever the machine is busy with
SILENCE_SECONDS = 5.0  # a keeper that says nothing for so long is not waited for: the clock goes on without it
LOOK_AGAIN_SECONDS = 0.03
NAMED = 4  # checks that are named when a module's time is used up


class Stopwatch:
    """The judge's view of what the keeper of one pod measures."""

    def __init__(self) -> None:
        self.page = anonymous_file(b"")

    def read(self) -> meter.Reading:
        return meter.read(self.page) if self.page >= 0 else meter.Reading()

    def close(self) -> None:
        page, self.page = self.page, -1
        if page >= 0:
            os.close(page)


class Clock:
    """The time that the student's processes may use in all, in one run of a suite; and how long nobody asked them."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.computed = 0.0  # CPU seconds, as far as the pods tell
        self.stalled = 0.0  # seconds for which pods were ready and had no core
        self.check = ""  # whose time it is that is used now
        self._spent: dict[str, float] = {}
        self._outer_end = time.monotonic() + OUTER * seconds
        self._lock = threading.Lock()
        self._waiting = 0
        self._own = time.process_time()  # up to here what the judge computes itself is accounted for
        self._delays = _delays_of(os.getpid())
        self._idle_since = self._judges_time()

    # -------------------------------------------------------------------------------------------------- accounting

    @contextlib.contextmanager
    def waiting(self, stopwatch: Stopwatch) -> Iterator[None]:
        """Around whatever waits for the student's processes."""
        with self._lock:
            self._waiting += 1
            first = self._waiting == 1
            if first:
                self._settle_own()
        began, stalled = time.monotonic(), stopwatch.read().stalled
        try:
            yield
        finally:
            elapsed = time.monotonic() - began - (stopwatch.read().stalled - stalled)
            with self._lock:
                self._waiting -= 1
                if first:  # of several at once one counts
                    self._spend(max(0.0, elapsed))
                    self._own = time.process_time()
            self.restart()

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """Around what the grader waits for by itself: it costs the work nothing, and the suite is not idle."""
        with self._lock:
            if not self._waiting:
                self._settle_own()
            self._waiting += 1
        try:
            yield
        finally:
            with self._lock:
                self._waiting -= 1
                self._own = time.process_time()
            self.restart()

    def account(self, stopwatch: Stopwatch) -> None:
        """Take the load of a pod into the sum, once, when it is closed."""
        self.stalled += stopwatch.read().stalled

    def _settle_own(self) -> None:
        now = time.process_time()
        self._spend(now - self._own)
        self._own = now

    def _spend(self, seconds: float) -> None:
        self._spent[self.check] = self._spent.get(self.check, 0.0) + seconds

    def left(self) -> float:
        """Seconds that the student's processes may still use."""
        own = 0.0 if self._waiting else time.process_time() - self._own
        return max(0.0, self.seconds - sum(self._spent.values()) - own)

    def used_up(self, just_now: float = 0.0) -> StudentFailure:
        """What ends a check when no time is left: which checks used it, this one the seconds `just_now` as well."""
        self._account_for_own()
        spent = {**self._spent, self.check: self._spent.get(self.check, 0.0) + just_now}
        most = sorted(spent.items(), key=lambda item: -item[1])
        parts = [f"{seconds:.0f} s by {_named(check, self.check)}" for check, seconds in most if seconds >= 0.5]
        users = f" ({', '.join(parts[:NAMED])})" if parts else ""
        text = f"the {self.seconds:g} s that this module's checks may take are used up{users}"
        return StudentFailure("timeout", text)

    def turn_to(self, check: str) -> None:
        """From now on it is the time of this check that is used."""
        self._account_for_own()
        self.check = check

    def _account_for_own(self) -> None:
        """What the judge computed by itself until now."""
        with self._lock:
            if not self._waiting:
                self._settle_own()

    # ------------------------------------------------------------------------------------------------------ idling

    def restart(self) -> None:
        """Count idle time from now on."""
        self._idle_since = self._judges_time()

    @property
    def idle(self) -> float:
        """Seconds for which the suite has been busy with itself alone, without those it waited for a core."""
        return 0.0 if self._waiting else self._judges_time() - self._idle_since

    def _judges_time(self) -> float:
        delay = 0.0
        if self._delays >= 0:
            with contextlib.suppress(OSError, ValueError, IndexError):
                delay = int(os.pread(self._delays, 100, 0).split()[1]) / 1e9
        return time.monotonic() - delay

    # --------------------------------------------------------------------------------------------------- deadlines

    def deadline(self, patience: float, stopwatch: Stopwatch) -> InTheWorksTime:
        """When a call that may take `patience` seconds is late.

        Raises StudentFailure when the module's whole time is used, MachineTooBusy when there was none to be had.
        """
        self.check_outer()
        left = self.left()
        if left <= 0:
            raise self.used_up()
        return InTheWorksTime(self, stopwatch, patience, left)

    def grace(self, patience: float, stopwatch: Stopwatch) -> InTheWorksTime:
        """A deadline for the grader's own part of a pod, which is asked to the end, whatever the work has used."""
        return InTheWorksTime(self, stopwatch, patience, math.inf)

    def check_outer(self) -> float:
        """Seconds until the bound on the wall. Raises MachineTooBusy beyond it."""
        left = self._outer_end - time.monotonic()
        if left <= 0:
            raise MachineTooBusy(OUTER * self.seconds)
        return left


class InTheWorksTime:
    """A deadline that is put off by the time in which a pod was ready and had no core."""

    def __init__(self, clock: Clock, stopwatch: Stopwatch, patience: float, budget: float) -> None:
        self._clock = clock
        self._stopwatch = stopwatch
        self._limit = min(patience, budget)
        self._ends_module = budget < patience
        self._began = time.monotonic()
        self._stalled = stopwatch.read().stalled

    def left(self) -> float:
        """As Deadline.left. Raises StudentFailure where it is the module's time that is over, MachineTooBusy."""
        outer = self._clock.check_outer()
        now, reading = time.monotonic(), self._stopwatch.read()
        due = self._began + self._limit + reading.stalled - self._stalled
        if now < due:
            return min(due - now, outer)
        if reading.at < due and now - max(reading.at, self._began) < SILENCE_SECONDS:
            return LOOK_AGAIN_SECONDS  # what became of the last moments is not known yet
        if self._ends_module:
            raise self._clock.used_up(self._limit)
        raise TimeoutError("too late")


def _named(check: str, current: str) -> str:
    return "this check" if check == current else f"“{check}”" if check else "the start"


@functools.lru_cache(maxsize=1)
def _delays_of(process: int) -> int:
    """Where the kernel says how long a process waited for a core; -1 where it does not.

    Opened early: later the judge may open nothing but its suite.
    """
    try:
        return os.open(f"/proc/{process}/schedstat", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return -1
