"""The clock: it runs while the work computes or sleeps, stands still while it is kept from a core, and has an end."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator

import pytest

from mlops_grade.errors import MachineTooBusy
from mlops_grade.student import clock as clocks
from mlops_grade.student.clock import OUTER, Clock, Stopwatch
from mlops_grade.student.deadline import over
from mlops_grade.student.handles import StudentFailure
from mlops_grade.student.meter import _READING, Meter, _Machine

Forward = Callable[..., None]


@pytest.fixture
def stopwatch() -> Iterator[Stopwatch]:
    watch = Stopwatch()
    yield watch
    watch.close()


@pytest.fixture
def forward(monkeypatch: pytest.MonkeyPatch, stopwatch: Stopwatch) -> Forward:
    """Let time pass on a clock of the test's own; the keeper tells how much of it the pod stood still."""
    now, still = 1000.0, 0.0
    monkeypatch.setattr(clocks.time, "monotonic", lambda: now)
    monkeypatch.setattr(clocks.time, "process_time", lambda: 0.0)

    def forward(seconds: float, stalled: float = 0.0, watched: bool = True) -> None:
        nonlocal now, still
        now, still = now + seconds, still + stalled
        if watched:
            os.pwrite(stopwatch.page, _READING.pack(now, still, 0.0), 0)

    forward(0)
    return forward


def test_a_deadline_comes_in_real_time_where_nothing_stands_still(stopwatch: Stopwatch, forward: Forward) -> None:
    deadline = Clock(60).deadline(10, stopwatch)
    forward(9.5)
    assert deadline.left() == pytest.approx(0.5)
    forward(0.6)
    assert over(deadline)


def test_time_without_a_core_puts_a_deadline_off(stopwatch: Stopwatch, forward: Forward) -> None:
    deadline = Clock(60).deadline(10, stopwatch)
    forward(30, stalled=25)
    assert deadline.left() == pytest.approx(5)
    forward(5.1)
    assert over(deadline)


def test_nothing_is_late_before_it_is_known_what_the_pod_got(stopwatch: Stopwatch, forward: Forward) -> None:
    deadline = Clock(60).deadline(10, stopwatch)
    forward(7)
    forward(3.1, watched=False)
    assert not over(deadline), "the keeper has not told yet what became of the last three seconds"
    forward(0.1, stalled=3)
    assert deadline.left() == pytest.approx(2.8)


def test_a_keeper_that_is_silent_does_not_stop_the_clock(stopwatch: Stopwatch, forward: Forward) -> None:
    deadline = Clock(60).deadline(10, stopwatch)
    forward(10 + clocks.SILENCE_SECONDS, watched=False)
    assert over(deadline)


def test_a_modules_time_is_used_up_by_named_checks(stopwatch: Stopwatch, forward: Forward) -> None:
    clock = Clock(60)
    for check, seconds in (("It trains", 41), ("It answers", 17)):
        clock.turn_to(check)
        with clock.waiting(stopwatch):
            forward(seconds)
    clock.turn_to("It ends")
    deadline = clock.deadline(10, stopwatch)
    forward(2.1)
    with pytest.raises(StudentFailure) as ended:
        deadline.left()
    assert ended.value.reason == "timeout"
    assert str(ended.value) == (
        "the 60 s that this module's checks may take are used up "
        "(41 s by “It trains”, 17 s by “It answers”, 2 s by this check)"
    )


def test_of_several_waits_at_once_one_counts(stopwatch: Stopwatch, forward: Forward) -> None:
    clock = Clock(60)
    with clock.waiting(stopwatch), clock.waiting(stopwatch):
        forward(20, stalled=5)
    assert clock.left() == pytest.approx(45)


def test_what_the_grader_waits_for_by_itself_costs_nothing(stopwatch: Stopwatch, forward: Forward) -> None:
    clock = Clock(60)
    with clock.aside():
        forward(50)
        assert clock.idle == 0
    assert clock.left() == pytest.approx(60)


def test_the_bound_on_the_wall_says_nothing_about_the_work(stopwatch: Stopwatch, forward: Forward) -> None:
    clock = Clock(6)
    deadline = clock.deadline(5, stopwatch)
    forward(OUTER * 6 + 1, stalled=OUTER * 6)
    with pytest.raises(MachineTooBusy):
        deadline.left()
    with pytest.raises(MachineTooBusy):
        clock.deadline(5, stopwatch)


def _meter(stopwatch: Stopwatch, waited: float, computed: float, cores: int) -> Meter:
    """A meter whose pod waited and computed for that many seconds, in a window that began with the machine's start."""
    meter = Meter(stopwatch.page)
    meter._cores = list(range(cores))
    meter._machine = _Machine(0.0, 0.0, 0.0)
    meter._delay, meter._computed, meter._survivors = waited, computed, computed
    return meter


@pytest.mark.parametrize(
    ("what", "waited", "computed", "idle", "expected"),
    [
        ("alone among others who want both cores", 0.9, 0.1, 0.0, 0.9),
        ("an endless loop on a quiet machine", 0.0, 1.0, 1.0, 0.0),
        ("asleep, on a busy machine", 0.0, 0.0, 0.0, 0.0),
        ("twenty processes that queue for one core, the other idle", 19.0, 1.0, 1.0, 0.0),
        ("twenty processes that queue for both cores", 18.0, 2.0, 0.0, 0.0),
        ("twenty processes that share two cores with as many others", 19.0, 1.0, 0.0, 0.5),
    ],
)
def test_nothing_stands_still_but_for_others(
    stopwatch: Stopwatch, what: str, waited: float, computed: float, idle: float, expected: float
) -> None:
    meter = _meter(stopwatch, waited, computed, cores=2)
    assert meter._stalled_since(_Machine(1.0, idle, 0.0)) == pytest.approx(expected), what


def test_what_waited_and_ended_unseen_is_made_up_for(stopwatch: Stopwatch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlops_grade.student.meter._ready_threads", lambda: 16)
    meter = _meter(stopwatch, waited=0.0, computed=0.1, cores=2)
    meter._survivors = 0.0
    assert meter._stalled_since(_Machine(1.0, 0.0, 0.0)) == pytest.approx(0.7)


def test_where_the_kernel_tells_nothing_a_loop_of_our_own_does(stopwatch: Stopwatch) -> None:
    meter = Meter(stopwatch.page)
    meter._kernel_tells = False
    meter.look([])
    reading = stopwatch.read()
    assert reading.at <= time.monotonic()
    assert 0 <= reading.stalled <= reading.at
