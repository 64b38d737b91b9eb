"""Right work on a machine that lacks something: it is passed, or it is a grader error that names what is lacking.

It is never "not passed", whatever the machine does not give. No student code attacks here, so one tier is enough.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import small_course
from mlops_grade.course.discovery import Course
from mlops_grade.verdict import ExitCode

LONG = "/".join(["n" * 150] * 2)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return small_course.make(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="module")
def fork(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Path:
    fork = tmp_path_factory.mktemp("fork")
    small_course.hand_in(fork, course.modules[0], {})
    return fork


def graded(course: Course, fork: Path, shell: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Grade a fork from a shell that first takes something away."""
    script = f'{shell} exec "{sys.executable}" -m mlops_grade --submission "{fork}"'
    environment = {**os.environ, "MLOPS_GRADE_COURSE": str(course.root), "COLUMNS": "250", **environment}
    return subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, check=False)


TOO_LITTLE = {
    "files": ("ulimit -n 64;", "64 open files (`ulimit -n`)"),
    "processes": ("ulimit -u 10;", "10 processes and threads of a user (`ulimit -u`)"),
    "address space": ("ulimit -v 300000;", "bytes of address space (`ulimit -v`)"),
    "memory": ("ulimit -d 100000;", "bytes of memory (`ulimit -d`)"),
    "memory for threads": ("ulimit -d 30000;", "short of threads, or of memory for them"),
    "size of files": ("ulimit -f 0;", "0 bytes in a file (`ulimit -f`)"),
    "processor time": ("ulimit -t 5;", "5 seconds of CPU time (`ulimit -t`)"),
    "room for its output": ("exec > /dev/full;", "short of space"),
}


@pytest.mark.parametrize(("shell", "named"), TOO_LITTLE.values(), ids=TOO_LITTLE.keys())
def test_what_the_machine_lacks_is_named_and_is_no_verdict(course: Course, fork: Path, shell: str, named: str) -> None:
    done = graded(course, fork, shell)
    said = " ".join((done.stdout + done.stderr).replace("│", " ").split())
    assert done.returncode == ExitCode.GRADER_ERROR, said
    assert named in said
    assert "not passed" not in said.lower()
    assert "Traceback" not in said


ENOUGH = {
    "a home that cannot be written": {"HOME": "/dev/null", "XDG_STATE_HOME": "", "XDG_CACHE_HOME": ""},
    "no folder for temporary files": {"TMPDIR": "/nowhere"},
    "no home": {"shell": "unset HOME XDG_STATE_HOME;"},
    "a working folder that is gone": {"shell": "mkdir gone; cd gone; rmdir ../gone;"},
    "no standard streams": {"shell": "exec 0<&- 1>&- 2>&-;"},
    "files that anybody may write": {"shell": "umask 0;"},
}


@pytest.mark.parametrize("circumstances", ENOUGH.values(), ids=ENOUGH.keys())
def test_right_work_is_passed_all_the_same(course: Course, fork: Path, circumstances: dict[str, str]) -> None:
    done = graded(course, fork, **circumstances)
    assert done.returncode == ExitCode.PASSED, done.stdout + done.stderr


@pytest.mark.parametrize("what", ["fork", "course", "temporary files"])
def test_paths_of_three_hundred_letters_are_no_trouble(tmp_path: Path, course: Course, fork: Path, what: str) -> None:
    place = tmp_path / LONG
    place.mkdir(parents=True)
    if what == "fork":
        small_course.hand_in(place, course.modules[0], {})
        done = graded(course, place)
    elif what == "course":
        done = graded(small_course.make(place), fork)
    else:
        done = graded(course, fork, TMPDIR=str(place))
    assert done.returncode == ExitCode.PASSED, done.stdout + done.stderr
