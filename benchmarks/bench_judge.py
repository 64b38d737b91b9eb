"""How long judging takes, as ratios within one run against a fresh `pytest` on the same suite.

    python benchmarks/bench_judge.py [--repeat N]

Measured are nine mixed checks (benchmarks/mixed): a fresh pytest with the solution imported directly, our judge cold
and warm, a fresh worker alone, and edit to verdict in --watch. Ratios are what counts: the machine may be busy.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from mlops_grade.course.discovery import Course, Module, load_course
from mlops_grade.judge.grader import Grader, RunOptions
from mlops_grade.prove.exercises import solution, write_solutions
from mlops_grade.student import jail
from mlops_grade.student.client import Pod
from mlops_grade.student.clock import Clock
from mlops_grade.verdict import Outcome

HERE = Path(__file__).resolve().parent


def timed(work: Callable[[], object], repeat: int) -> float:
    """The median of the wall-clock seconds that the work takes."""
    seconds = []
    for _ in range(repeat):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


def fresh_pytest(module: Module) -> None:
    """pytest in a new process, student code imported into it."""
    environment = {
        **os.environ, "DIRECT_SUBMISSION": str(module.hidden / "solution"), "PYTHONPATH": str(HERE),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "OMP_NUM_THREADS": "1",
    }  # fmt: skip
    command = [sys.executable, "-m", "pytest", "-q", "-p", "direct", "-p", "no:cacheprovider", "-c", os.devnull]
    done = subprocess.run([*command, str(module.hidden)], env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(done.stdout + done.stderr)


def command(course: Course, submission: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "mlops_grade", *words, "--submission", str(submission)]


def cold(course: Course, submission: Path, *words: str) -> None:
    """The whole command, from the shell's prompt back to it."""
    environment = {**os.environ, "MLOPS_GRADE_COURSE": str(course.root)}
    done = subprocess.run(command(course, submission, *words), env=environment, capture_output=True, check=False)
    if done.returncode != 0:
        raise SystemExit(done.stdout.decode() + done.stderr.decode())


def watched(course: Course, submission: Path, repeat: int) -> float:
    """Seconds from saving a file to the last line of the report."""
    environment = {**os.environ, "MLOPS_GRADE_COURSE": str(course.root), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        command(course, submission, "--watch"),
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    lines = iter(process.stdout)
    next(line for line in lines if "Watching" in line)
    file = submission / course.modules[0].folder / "main.py"
    seconds = []
    for number in range(repeat):
        time.sleep(0.5)
        began = time.perf_counter()
        file.write_text(file.read_text() + f"# {number}\n")
        next(line for line in lines if "core modules" in line)
        seconds.append(time.perf_counter() - began)
    process.terminate()
    process.wait()
    return statistics.median(seconds)


def fresh_worker(grader: Grader, module: Module, repeat: int) -> float:
    """Seconds to start a pod and its worker and get a first answer, the end of it left out."""
    parent = grader.judge._parent(module.settings.preload).client()
    seconds = []
    for _ in range(repeat):
        began = time.perf_counter()
        pod = Pod(parent, {"empty.py": b""}, jail.Limits(), Clock(60), 1)
        pod.ask(30, "load", "empty", ".")
        seconds.append(time.perf_counter() - began)
        pod.close()
    return statistics.median(seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=5)
    repeat = parser.parse_args().repeat
    course = load_course(HERE / "mixed")
    module = course.modules[0]
    work = solution(module)
    with tempfile.TemporaryDirectory() as folder, Grader(course, RunOptions()) as grader:
        checkout = Path(folder, "solved")
        write_solutions(course.modules, checkout)
        assert grader.grade(module, work).outcome is Outcome.PASSED
        base = timed(lambda: fresh_pytest(module), repeat)
        rows = [
            ("fresh pytest, solution imported", base),
            ("mlops-grade, cold, whole command", timed(lambda: cold(course, checkout), repeat)),
            ("judged warm", timed(lambda: grader.grade(module, work), repeat)),
            ("edit to verdict in --watch", watched(course, checkout, repeat)),
        ]
        worker = fresh_worker(grader, module, 4 * repeat)
    for name, seconds in rows:
        print(f"{name:36} {seconds:7.3f} s   {base / seconds:5.1f} times as fast as a fresh pytest")
    print(f"{'a fresh worker, to its first answer':36} {worker * 1000:7.1f} ms")


if __name__ == "__main__":
    main()
