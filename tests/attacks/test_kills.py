"""Ten kills of `grade` and ten of `batch`, at random moments: nothing is left running, nothing is lost."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import small_course
from mlops_grade.batch.ledger import Ledger
from mlops_grade.batch.store import Store
from mlops_grade.course.discovery import Course
from mlops_grade.student.pod import descendants

KILLS = 10
COMMAND = [sys.executable, "-m", "mlops_grade"]
pytestmark = pytest.mark.slow


@pytest.fixture
def course(tmp_path: Path) -> Course:
    course = small_course.make(tmp_path / "course")
    for name, files in (("ada", {}), ("bob", {"numbers_module.py": "def double(n): return n\ntotal = sum\n"})):
        small_course.hand_in(tmp_path / "clones" / name, course.modules[0], files)
    return course


def start(course: Course, *words: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "MLOPS_GRADE_COURSE": str(course.root)}
    nothing = subprocess.DEVNULL
    return subprocess.Popen([*COMMAND, *words], env=environment, stdout=nothing, stderr=nothing, start_new_session=True)


def kill_at_random_moments(course: Course, *words: str, at_a_time: int) -> None:
    """Kill the command ten times, between its start and its end; whatever it had started must end by itself."""
    began = time.monotonic()
    start(course, *words).wait(timeout=300)
    whole = time.monotonic() - began
    draw = random.Random(11)

    def kill_one(seconds: float) -> bool:
        process = start(course, *words)
        try:
            process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            below = descendants(process.pid)
            process.send_signal(signal.SIGKILL)
            process.wait()
            return _end_by_themselves(below)
        return True

    with ThreadPoolExecutor(at_a_time) as pool:
        ended = list(pool.map(kill_one, [draw.uniform(0, whole) for _ in range(KILLS)]))
    assert all(ended), "a process outlived the command"


def _end_by_themselves(processes: list[int]) -> bool:
    for _ in range(600):
        if not any(_runs(process) for process in processes):
            return True
        time.sleep(0.1)
    return False


def _runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_ten_kills_of_grade(course: Course, tmp_path: Path) -> None:
    words = ("grade", "--submission", str(tmp_path / "clones" / "ada"), "--json", str(tmp_path / "verdict.json"))
    kill_at_random_moments(course, *words, at_a_time=3)
    assert start(course, *words).wait(timeout=300) == 0
    assert start(course, "list", "--submission", str(tmp_path / "clones" / "ada")).wait(timeout=60) == 0


def test_ten_kills_of_batch(course: Course, tmp_path: Path) -> None:
    store = tmp_path / "store.sqlite"
    words = ("batch", str(tmp_path / "clones"), "--store", str(store), "--report", str(tmp_path / "report"))
    kill_at_random_moments(course, *words, at_a_time=1)  # they share a store
    assert start(course, *words).wait(timeout=300) == 0
    with Store(store) as opened:
        ledger = Ledger(opened, "clones")
        outcomes = {row.submission: row.outcome for row in ledger.units(["m01"], ["ada", "bob"])}
        tries = [len(opened.standing(ledger.handed(name)["m01"].unit).tries) for name in ("ada", "bob")]
    assert sorted(outcomes.values()) == ["not passed", "passed"]
    assert tries == [1, 1], "what was kept is not graded again"
