"""The grader on a machine without Linux's calls: honest work gets the verdict that it gets on Linux.

Simulated: see `as_if_macos` for what is taken away and what cannot be. docs/platforms.md says so too.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import small_course
from mlops_grade.course.discovery import Course, load_course
from mlops_grade.prove.exercises import write_solutions

ROOT = Path(__file__).resolve().parents[2]
MODULES = ("m01", "m04", "m05", "m12", "m14", "m22")

BUSY_AND_A_DAEMON = """
import os, subprocess, sys

def double(number: int) -> int:
    mark = [sys.executable, "-c", "import time; time.sleep(600)", "left-by-{token}"]
    subprocess.Popen(mark)
    subprocess.Popen(["bash", "-c", "exec -a left-by-{token} sleep 600 & disown"])
    while True:
        pass

def total(numbers: list[int]) -> int:
    return sum(numbers)
"""


def python(a_mac: Path, program: str) -> str:
    done = subprocess.run([a_mac, "-c", program], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def grade(a_mac: Path, course: Course, submission: Path, *words: str) -> dict[str, Any]:
    """The report, as the command on a Mac writes it."""
    report = submission / "report.json"
    options = ["--submission", str(submission), "--require-isolation", "limits", "--json", str(report)]
    environment = {**os.environ, "MLOPS_GRADE_COURSE": str(course.root)}
    command = [str(a_mac), "-m", "mlops_grade", *words, *options]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=1800, check=False)
    assert report.is_file(), done.stdout + done.stderr
    written: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return written


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return small_course.make(tmp_path / "course")


@pytest.mark.parametrize(
    "program",
    [
        "import sys; assert sys.platform == 'darwin'",
        "import os; assert not os.path.exists('/proc/self')",
        "import os; assert not hasattr(os, 'memfd_create') and not hasattr(os, 'sched_getaffinity')",
        "import ctypes; assert not hasattr(ctypes.CDLL(None), 'prctl')",
        "import pathlib, pytest; pytest.raises(FileNotFoundError, pathlib.Path('/proc/self/maps').read_text)",
        "import os, pytest; pytest.raises(FileNotFoundError, os.listdir, '/proc')",
        "import socket, pytest; pytest.raises(FileNotFoundError, socket.socket(socket.AF_UNIX).bind, '\\0mlops')",
        "import multiprocessing; assert multiprocessing.get_start_method() == 'spawn'",
        "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import os; os.pipe2'], env={}, check=False)"
        ".returncode == 1 or sys.exit('a child has more')",
    ],
)
def test_what_a_mac_lacks_is_gone_in_every_interpreter(a_mac: Path, program: str) -> None:
    python(a_mac, program)


def test_work_that_is_right_is_passed_by_spawned_processes(a_mac: Path, course: Course, tmp_path: Path) -> None:
    small_course.hand_in(tmp_path / "fork", course.modules[0], {})
    (verdict,) = grade(a_mac, course, tmp_path / "fork")["verdicts"]
    assert verdict["outcome"] == "passed", verdict
    assert verdict["provenance"]["start"] == "spawn", "Apple's frameworks do not survive a fork"
    assert verdict["provenance"]["isolation"] == "limits"


def test_forking_all_the_same_gives_the_same_verdict(a_mac: Path, course: Course, tmp_path: Path) -> None:
    small_course.hand_in(tmp_path / "fork", course.modules[0], {})
    (verdict,) = grade(a_mac, course, tmp_path / "fork", "--start", "fork")["verdicts"]
    assert verdict["outcome"] == "passed", verdict


def test_work_that_is_wrong_is_told_as_on_linux(a_mac: Path, course: Course, tmp_path: Path) -> None:
    wrong = {"numbers_module.py": "def double(n): return n\ntotal = sum\n"}
    small_course.hand_in(tmp_path / "fork", course.modules[0], wrong)
    (verdict,) = grade(a_mac, course, tmp_path / "fork")["verdicts"]
    failed = {check["name"] for check in verdict["checks"] if check["outcome"] != "passed"}
    assert failed == {"test_double", "test_program", "test_negative"}


def running(token: str) -> list[str]:
    """Processes of this machine whose command line holds the token; /proc is there for us."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            found += [f"{entry.name} {line}"] * (f"left-by-{token}" in line)
    return found


@pytest.fixture
def token(tmp_path: Path) -> Iterator[str]:
    name = f"{os.getpid()}-{time.monotonic_ns()}"
    yield name
    for line in running(name):
        os.kill(int(line.split()[0]), 9)


def test_nothing_is_left_of_a_check_that_was_ended(a_mac: Path, course: Course, tmp_path: Path, token: str) -> None:
    """Nobody adopts orphans there: an endless loop would burn a student's battery until they restart."""
    files = {"numbers_module.py": BUSY_AND_A_DAEMON.replace("{token}", token)}
    small_course.hand_in(tmp_path / "fork", course.modules[0], files)
    (verdict,) = grade(a_mac, course, tmp_path / "fork", "--timeout", "4")["verdicts"]
    assert verdict["outcome"] == "not passed"
    assert any(check["reason"] == "timeout" for check in verdict["checks"]), verdict
    assert running(token) == []


@pytest.mark.slow
@pytest.mark.parametrize("module", MODULES)
def test_the_courses_solutions_are_passed(a_mac: Path, tmp_path: Path, module: str) -> None:
    course = load_course(ROOT)
    write_solutions(course.resolve([module]), tmp_path / "solved")
    (verdict,) = grade(a_mac, course, tmp_path / "solved", module)["verdicts"]
    failed = {check["title"]: check["message"] for check in verdict["checks"] if check["outcome"] != "passed"}
    assert (verdict["outcome"], failed) == ("passed", {}), verdict["reason"]
