"""What a batch costs, as ratios within one run: against a shell loop of pytest, against the CPU its suites need.

    python benchmarks/bench_batch.py [WHAT]... [--students 500] [--folder /tmp/batch]

Measured on a synthetic cohort (make_cohort.py, same seed): the first run, the second run, the run after one suite
changed, and the driver's memory for a tenth of the cohort and for all of it. The loop is what a course would do without
a grader: for each fork and module a new process with pytest, the tests in the students' own interpreter. One such run a
module is timed, with the reference solution, and multiplied: run whole, it would take most of a day.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

from make_cohort import make_cohort

from mlops_grade.batch.cohort import load_cohort
from mlops_grade.batch.gradebook import Gradebook
from mlops_grade.batch.gradebook.write import write_reports
from mlops_grade.batch.quality import check_quality, duplicates
from mlops_grade.batch.run import Batch, BatchOptions, Tally
from mlops_grade.batch.schedule import LocalPool
from mlops_grade.batch.store import Store
from mlops_grade.course.discovery import Course, Module, find_root, load_course
from mlops_grade.judge.grader import Grader, RunOptions

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Run:
    tally: Tally
    seconds: float


def loop_of_pytest(modules: tuple[Module, ...]) -> float:
    """Seconds that one student costs: a fresh pytest for each module, one after the other."""
    total = 0.0
    for module in modules:
        environment = {
            **os.environ, "DIRECT_SUBMISSION": str(module.hidden / "solution"), "PYTHONPATH": str(HERE),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        }  # fmt: skip
        tests = [str(path) for path in sorted(module.hidden.glob("test_*.py"))]
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "direct", "-p", "no:cacheprovider", "-c", os.devnull, *tests],
            env=environment, capture_output=True, check=False,
        )  # fmt: skip
        total += time.perf_counter() - began
    return total


def run(course: Course, modules: tuple[Module, ...], folder: Path, students: int, state: str) -> Run:
    """A whole batch, gradebook and all."""
    began = time.perf_counter()
    cohort = load_cohort(folder)
    cohort = replace(cohort, students=cohort.students[:students])
    with Store(folder / state / "store") as store:
        work = Batch(course, cohort, store, BatchOptions(modules))
        with Grader(modules, RunOptions()) as grader:
            tally = work.run(LocalPool(grader.grade))
        book = Gradebook(cohort, modules, store)
        write_reports(book, check_quality(book), duplicates(book), folder / "report")
    return Run(tally, time.perf_counter() - began)


def busy_seconds() -> float:
    """Seconds that this machine's cores have worked: what verdicts count leaves out forks and their ends."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    user, nice, system, _, _, interrupts, soft_interrupts = (int(field) for field in fields[:7])
    return (user + nice + system + interrupts + soft_interrupts) / os.sysconf("SC_CLK_TCK")


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def copy_of(course: Course) -> Course:
    """The course where a suite can be changed."""
    root = Path(tempfile.mkdtemp(prefix="course-"))
    for session in course.sessions:
        shutil.copytree(session.path, root / session.path.name, ignore=shutil.ignore_patterns("__pycache__"))
    return load_course(root)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", nargs="*")
    parser.add_argument("--students", type=int, default=500)
    parser.add_argument("--folder", type=Path, default=None, help="a new folder for the cohort")
    arguments = parser.parse_args()
    course = copy_of(load_course(find_root()))
    modules = course.resolve(arguments.what)
    folder = arguments.folder or Path(tempfile.mkdtemp(prefix="batch-")) / "cohort"
    make_cohort(folder, course, arguments.what, arguments.students, seed=1, own=0.1)
    students, cores = arguments.students, os.cpu_count() or 1

    loop = loop_of_pytest(modules) * students
    run(course, modules, folder, max(1, students // 10), "tenth")
    small = peak_mib()
    busy = busy_seconds()
    first = run(course, modules, folder, students, "whole")
    busy = busy_seconds() - busy
    large = peak_mib()
    second = run(course, modules, folder, students, "whole")
    (suite,) = list(modules[0].hidden.glob("test_*.py"))[:1]
    suite.write_text(suite.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    changed = run(load_course(course.root), load_course(course.root).resolve(arguments.what), folder, students, "whole")

    needed = first.tally.cpu_seconds / cores
    gain, overhead = loop / first.seconds, first.seconds / needed
    print(f"{students} forks, {len(modules)} modules, {cores} cores: {first.tally}")
    print(f"a loop of pytest {loop:.0f} s, the batch {first.seconds:.0f} s: {gain:.1f} times (wanted: 10)")
    print(f"wall time over CPU of the suites / cores ({needed:.0f} s): {overhead:.2f} (wanted: at most 1.3)")
    print(f"the machine's cores worked {busy:.0f} s: {busy / cores / first.seconds:.0%} of the time")
    print(f"the second run: {second.seconds:.1f} s (wanted: 5), {second.tally.graded} graded")
    print(f"one suite changed: {changed.tally.graded} graded of {changed.tally.units} in {changed.seconds:.1f} s")
    print(f"the driver's memory: {small:.0f} MiB for {max(1, students // 10)} forks, {large:.0f} MiB for {students}")


if __name__ == "__main__":
    main()
