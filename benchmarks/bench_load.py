"""Verdicts must not depend on how busy the machine is: the same work graded on a quiet one and beside busy loops.

    python benchmarks/bench_load.py [MODULE…] [--load 16 --load 48 --load memory --load twins] [--jobs N]

Graded are each module's reference solution and the first of its wrong ones: alone, then beside that many busy loops
(each in a session of its own, as the kernel shares its cores out by session), beside copies that keep the memory's
bandwidth busy, and by two graders at once. Every check has to come out as it did alone. Exit status 1 if one does not.
"""

from __future__ import annotations

import argparse
import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from mlops_grade.course.discovery import Course, Module, load_course
from mlops_grade.course.submission import Submission
from mlops_grade.judge.grader import Grader, RunOptions
from mlops_grade.prove.exercises import solution, wrong
from mlops_grade.verdict import ModuleVerdict, Outcome

COURSE = Path(__file__).resolve().parent.parent
LOADS = ("16", "48", "memory", "twins")
LOOP = "while True: pass"
COPIES = "import numpy\na = numpy.ones(8 << 20)\nb = a.copy()\nwhile True: b[:] = a"
COPYING = 16


@dataclass(frozen=True)
class Work:
    """One submission to one module."""

    module: Module
    name: str
    submission: Submission

    def __str__(self) -> str:
        return f"{self.module.id} {self.name}"


@dataclass(frozen=True)
class Round:
    """What came of all work under one load."""

    verdicts: dict[str, ModuleVerdict]
    seconds: float

    @property
    def waited(self) -> float:
        return sum(verdict.waited_seconds for verdict in self.verdicts.values())

    @property
    def errors(self) -> int:
        return sum(verdict.outcome is Outcome.GRADER_ERROR for verdict in self.verdicts.values())

    def differences(self, quiet: Round) -> Iterator[str]:
        """Every check that came out otherwise than on the quiet machine, with what is said about it."""
        for name, verdict in self.verdicts.items():
            before = {check.name: check.outcome for check in quiet.verdicts[name].checks}
            for check in verdict.checks:
                if check.outcome is not before.pop(check.name, None):
                    yield f"{name}: {check.name} is {check.outcome}: {check.message[:200]}"
            if before or verdict.outcome is not quiet.verdicts[name].outcome:
                yield f"{name}: {verdict.outcome} {verdict.reason[:200]}"


@contextlib.contextmanager
def busy(load: str) -> Iterator[None]:
    """Keep the machine busy until the end of the block."""
    code, number = (COPIES, COPYING) if load == "memory" else (LOOP, int(load) if load.isdigit() else 0)
    command = [sys.executable, "-c", code]
    loops = [subprocess.Popen(command, start_new_session=True) for _ in range(number)]
    try:
        time.sleep(2 if loops else 0)
        yield
    finally:
        for loop in loops:
            loop.kill()
        for loop in loops:
            loop.wait()


def all_work(modules: tuple[Module, ...]) -> Iterator[Work]:
    for module in modules:
        yield Work(module, "solution", solution(module))
        for variant in wrong(module)[:1]:
            yield Work(module, variant.name, variant.submission)


def graded(works: list[Work], jobs: int) -> Round:
    began = time.monotonic()
    modules = tuple({work.module.id: work.module for work in works}.values())
    with Grader(modules, RunOptions(), jobs) as grader:
        futures = {str(work): grader.submit(work.module, work.submission) for work in works}
        verdicts = {name: future.result() for name, future in futures.items()}
    return Round(verdicts, time.monotonic() - began)


def rounds(works: list[Work], load: str, jobs: int) -> list[Round]:
    graders = 2 if load == "twins" else 1
    with busy(load), ThreadPoolExecutor(graders) as pool:
        futures = [pool.submit(graded, works, jobs) for _ in range(graders)]
        return [future.result() for future in futures]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", metavar="MODULE")
    parser.add_argument("--load", action="append", help=f"one of {', '.join(LOADS)}, or another number of loops")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    course: Course = load_course(COURSE)
    works = list(all_work(course.resolve(arguments.modules) if arguments.modules else course.modules))
    (quiet,) = rounds(works, "0", arguments.jobs)
    wrong_ones = [name for name, verdict in quiet.verdicts.items() if verdict.outcome is Outcome.GRADER_ERROR]
    print(f"quiet: {len(works)} verdicts in {quiet.seconds:.0f} s; grader errors: {wrong_ones or 'none'}", flush=True)
    differing = 0
    for load in arguments.load or LOADS:
        for one in rounds(works, load, arguments.jobs):
            found = list(one.differences(quiet))
            differing += len(found)
            print(
                f"{load:>6}: {one.seconds:5.0f} s ({one.seconds / quiet.seconds:.1f}x), {one.waited:.0f} s waited, "
                f"{one.errors} grader errors, {len(found)} checks otherwise",
                *found, sep="\n        ", flush=True,
            )  # fmt: skip
    return 1 if differing or wrong_ones else 0


if __name__ == "__main__":
    sys.exit(main())
