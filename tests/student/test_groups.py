"""A pod tells its keeper which groups of processes it started, and the keeper knows those that still are."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from mlops_grade.student.groups import StartedGroups


@pytest.fixture
def pod() -> Iterator[StartedGroups]:
    groups = StartedGroups()
    yield groups
    os.close(groups.read)
    os.close(groups.write)


@pytest.fixture
def keeper(pod: StartedGroups) -> StartedGroups:
    """The same pipe, as another process has it after the fork."""
    other = StartedGroups.__new__(StartedGroups)
    other.read, other.write, other._known, other._left = pod.read, pod.write, set(), b""
    return other


def test_a_group_that_was_started_is_known(pod: StartedGroups, keeper: StartedGroups) -> None:
    pod.tell(101)
    pod.tell(102)
    assert keeper.known() == {101, 102}
    assert keeper.known() == {101, 102}, "asked again, it still is"


def test_one_whose_last_process_ended_is_not(pod: StartedGroups, keeper: StartedGroups) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""], start_new_session=True)
    ended.wait()
    pod.tell(ended.pid)
    pod.forget_those_that_ended(running=())
    assert keeper.known() == frozenset(), "its number may be somebody else's by now"


def test_one_that_has_a_process_left_is_kept(pod: StartedGroups, keeper: StartedGroups) -> None:
    lives = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True)
    pod.tell(lives.pid)
    pod.forget_those_that_ended(running=())
    assert keeper.known() == {lives.pid}
    lives.communicate(b"\n")


def test_one_that_has_not_made_its_group_yet_is_kept(pod: StartedGroups, keeper: StartedGroups) -> None:
    """Between a fork and setsid there is no such group: its leader is known to run."""
    no_group = subprocess.Popen([sys.executable, "-c", ""], start_new_session=True)
    no_group.wait()
    pod.tell(no_group.pid)
    pod.forget_those_that_ended(running={no_group.pid})
    assert keeper.known() == {no_group.pid}


def test_a_full_pipe_stops_nobody(pod: StartedGroups) -> None:
    for number in range(1, 20_000):
        pod.tell(number)
