"""Two worker hosts on a network of their own, one of which dies half-way: every verdict, and how near to linear it is.

    sudo python benchmarks/two_hosts.py            (Linux, as root: it makes network namespaces, all private to it)

Each host is a network namespace behind a bridge, with one Dask worker. Suites are stood in for by waiting, so that the
figure is the scheduling's own: what the driver, the scheduler and the wire cost, whatever the number of cores here.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlops_grade.batch.cohort import Cohort
from mlops_grade.batch.dask_pool import DaskPool, GraderLike
from mlops_grade.batch.run import Batch, BatchOptions
from mlops_grade.batch.store import Store
from mlops_grade.batch.student import Student
from mlops_grade.course.discovery import Course, Module, load_course
from mlops_grade.course.environment import environment_digest
from mlops_grade.course.submission import Submission
from mlops_grade.verdict import Check, ModuleVerdict, Outcome

SCHEDULER, PORT = "10.213.0.1", 8786


@dataclass(frozen=True)
class Waits:
    """A grader that takes its time, and passes every even answer."""

    seconds: float

    def __call__(self, course: Course, jobs: int) -> GraderLike:
        return self

    def grade(self, module: Module, submission: Submission) -> ModuleVerdict:
        time.sleep(self.seconds)
        even = int(submission.files["answer.txt"]) % 2 == 0
        outcome = Outcome.PASSED if even else Outcome.NOT_PASSED
        return ModuleVerdict(
            module=module.id, session=module.session, title=module.title, core=module.core, outcome=outcome,
            checks=(Check(name="test_even", title="the answer is even", outcome=outcome),),
        )  # fmt: skip

    def __enter__(self) -> Waits:
        return self

    def __exit__(self, *_: Any) -> None: ...


@dataclass
class Clock:
    """Notes when each verdict arrived, and does something at one of them."""

    at: int = -1
    act: Callable[[], None] = lambda: None
    started: float = 0.0
    arrived: list[float] = field(default_factory=list)
    grading: bool = False

    def phase(self, name: str, total: int, known: int = 0) -> None:
        self.grading = name == "Grading"
        self.started = time.monotonic()

    def advance(self, steps: int = 1, problem: str = "") -> None:
        if self.grading:
            self.arrived.append(time.monotonic())
            if len(self.arrived) == self.at:
                self.act()

    def close(self) -> None: ...

    def rate(self, count: int) -> float:
        """Verdicts a second over the first `count`."""
        return count / (self.arrived[count - 1] - self.started)


class Host:
    """A network namespace with one Dask worker in it."""

    def __init__(self, number: int, threads: int) -> None:
        self.address = f"10.213.0.{number + 1}"
        worker = ["dask", "worker", f"tcp://{SCHEDULER}:{PORT}", "--host", self.address, "--nworkers", "1"]
        worker += ["--nthreads", str(threads), "--no-nanny", "--no-dashboard", "--local-directory", tempfile.mkdtemp()]
        self.process = subprocess.Popen(
            ["unshare", "--net", "sh", "-c", 'read go; exec "$@"', "sh", sys.executable, "-m", *worker],
            stdin=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        time.sleep(0.3)
        pid = str(self.process.pid)
        run("ip", "link", "add", f"host{number}", "type", "veth", "peer", "name", "eth0", "netns", pid)
        run("ip", "link", "set", f"host{number}", "master", "switch", "up")
        inside = ("nsenter", "--target", pid, "--net", "ip")
        run(*inside, "addr", "add", f"{self.address}/24", "dev", "eth0")
        run(*inside, "link", "set", "eth0", "up")
        run(*inside, "link", "set", "lo", "up")
        assert self.process.stdin
        self.process.stdin.write(b"go\n")
        self.process.stdin.close()

    def die(self) -> None:
        """As when the power goes: no farewell to anybody."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def run(*words: str) -> None:
    subprocess.run(words, check=True)


def make_work(root: Path, students: int) -> tuple[Course, Cohort]:
    module = root / "course/s1_work/m01_even"
    (module / "hidden").mkdir(parents=True)
    (module / "module.toml").write_text('title = "Even"\ncore = true\nsubmit = ["answer.txt"]\n')
    (module / "hidden/test_even.py").write_text("def test_even(student): ...\n")
    rows = []
    for number in range(students):
        folder = root / "forks" / f"s{number}" / "s1_work/m01_even"
        folder.mkdir(parents=True)
        (folder / "answer.txt").write_text(str(number))
        rows.append(Student(f"s{number}", str(root / "forks" / f"s{number}")))
    return load_course(root / "course"), Cohort("two hosts", root, tuple(rows))


def graded(root: Path, name: str, course: Course, cohort: Cohort, seconds: float, clock: Clock) -> dict[str, int]:
    """One batch with a store of its own; gives how often each outcome came."""
    with Store(root / name / "store") as store:
        pool = DaskPool(f"tcp://{SCHEDULER}:{PORT}", course.modules, Waits(seconds), environment_digest())
        Batch(course, cohort, store, BatchOptions(course.modules), clock).run(pool)
        rows = store.database.execute("SELECT outcome, count(*) FROM tries GROUP BY outcome").fetchall()
    return dict(rows)


def measure(students: int, seconds: float, threads: int) -> bool:
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "add", "switch", "type", "bridge")
    run("ip", "addr", "add", f"{SCHEDULER}/24", "dev", "switch")
    run("ip", "link", "set", "switch", "up")
    root = Path(tempfile.mkdtemp(prefix="two-hosts-"))
    course, cohort = make_work(root, students)
    scheduler = subprocess.Popen(
        [sys.executable, "-m", "dask", "scheduler", "--host", SCHEDULER, "--port", str(PORT), "--no-dashboard"],
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    hosts = []
    try:
        hosts.append(Host(1, threads))
        wait_for(1)
        alone = Clock()
        graded(root, "one", course, cohort, seconds, alone)
        hosts.append(Host(2, threads))
        wait_for(2)
        together = Clock(at=students // 2, act=hosts[1].die)
        outcomes = graded(root, "two", course, cohort, seconds, together)
    finally:
        for host in hosts:
            host.process.kill()
        scheduler.kill()
    one, two = alone.rate(students), together.rate(students // 2)
    efficiency = two / (2 * one)
    whole = outcomes == {"passed": (students + 1) // 2, "not passed": students // 2}
    print(f"one host {one:.1f}/s, two hosts {two:.1f}/s before the kill: {efficiency:.0%} of linear (wanted: 85%)")
    print(f"after the kill: {sum(outcomes.values())} of {students} verdicts, each once: {'yes' if whole else outcomes}")
    return whole and efficiency >= 0.85


def wait_for(workers: int) -> None:
    from distributed import Client

    deadline = time.monotonic() + 60
    connect: Any = Client
    with connect(f"tcp://{SCHEDULER}:{PORT}", timeout=60, set_as_default=False) as client:
        client.wait_for_workers(workers, timeout=deadline - time.monotonic())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--students", type=int, default=120)
    parser.add_argument("--seconds", type=float, default=2.0, help="what a suite takes")
    parser.add_argument("--threads", type=int, default=4, help="suites at a time on each host")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if not arguments.inside:  # a network of our own, gone with us
        os.execvp("unshare", ["unshare", "--net", sys.executable, *sys.argv, "--inside"])
    sys.exit(not measure(arguments.students, arguments.seconds, arguments.threads))


if __name__ == "__main__":
    main()
