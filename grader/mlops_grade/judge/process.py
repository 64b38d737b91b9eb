"""The process that judges: forked warm for each run, it holds the hidden suite and never imports student code."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops_grade.judge.fence import Fence
from mlops_grade.judge.patience import patience_with_a_check
from mlops_grade.machine import LINUX
from mlops_grade.student import jail, wire
from mlops_grade.student.channel import Channel
from mlops_grade.student.client import Pod
from mlops_grade.student.clock import Clock
from mlops_grade.student.deadline import PATIENCE_WITH_OURSELVES, OnTheWall
from mlops_grade.student.forkserver import ForkServer, Role, preload

LEAST_MEMORY = 4096  # MiB, for the judging process


@dataclass(frozen=True)
class Judging:
    """A role: run one suite against one submission, and report on the events pipe."""

    job: dict[str, Any]
    events: int
    files: int
    log: int
    parent: int

    def run(self) -> None:
        jail.die_with_parent()
        jail.hide_memory()
        for standard in (1, 2):
            os.dup2(self.log, standard)
        self._judge()
        sys.stdout.flush()
        os._exit(0)

    def _judge(self) -> None:
        import pytest

        from mlops_grade.judge.plugin import GradingPlugin, keep_assertions_short

        submission = self._submission()
        problems: dict[str, str] = submission["problems"]
        clock = Clock(self.job["timeout"])
        memory: int = self.job["memory"]
        limits = jail.Limits(memory=memory, total=memory * 4 // 3, cpu=int(self.job["timeout"]) + 10)

        def open_pod(seed: int, inspects: bool, asked: Callable[[], None]) -> Pod:
            starter = Channel.from_descriptor(os.dup(self.parent))
            preload = self.job["preload"]
            return Pod(starter, submission["files"], limits, clock, seed, True, inspects, asked, preload)

        def missing(path: str) -> str:
            reason = problems.get(path)
            return f"{path} {reason}" if reason else ""

        emitter = Emitter(self.events)
        emit = emitter.emit
        emit({"event": "pid", "pid": os.getpid()})
        fence = Fence(Path(self.job["hidden"]), Path(self.job["folder"]))
        only, ahead = self.job["only"], self.job["ahead"]
        plugin = GradingPlugin(fence, self.job["seed"], open_pod, missing, emit, only, ahead, clock)
        keep_assertions_short()
        _bound_memory(2 * memory)
        _look_every_second(clock, emitter)
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        os.chdir(fence.hidden)  # where pytest looks for the names; the plugin leaves it before anything is collected
        status = pytest.main(_pytest_arguments(fence.hidden, self.job["fail_fast"]), plugins=[plugin])
        if status in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR):
            emit({"event": "error", "message": f"pytest ended with an internal error: {self._printed()}"})
        elif plugin.pending and not self.job["fail_fast"]:  # only the suite itself can bring this about
            emit({"event": "error", "message": f"the hidden suite ended before {', '.join(sorted(plugin.pending))}"})
        times = os.times()
        emit({"event": "done", "cpu": times.user + times.system + clock.computed, "waited": clock.stalled})

    def _printed(self) -> str:
        sys.stdout.flush()
        size = os.fstat(self.log).st_size
        return os.pread(self.log, 1500, max(0, size - 1500)).decode(errors="replace").strip()

    def _submission(self) -> dict[str, Any]:
        with os.fdopen(self.files, "rb") as file:
            data = file.read()
        value: dict[str, Any] = wire.decode_frame(data)
        return value


def _bound_memory(megabytes: int) -> None:
    """Whatever values come back: the check that cannot hold them fails, not the machine."""
    if LINUX:
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (max(megabytes, LEAST_MEMORY) << 20, hard))


class Emitter:
    """Writes events on a pipe, one JSON object a line, each of them whole."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._writing = False

    def emit(self, event: dict[str, Any]) -> None:
        from mlops_grade.judge.plugin import to_line

        line = memoryview(to_line(event))
        self._writing = True
        try:
            while line:  # a signal may cut a long write short
                line = line[os.write(self._descriptor, line) :]
        finally:
            self._writing = False

    def say_alive(self) -> None:
        """Called by a signal, perhaps in the midst of a line."""
        if not self._writing:
            self.emit({"event": "alive"})


def _look_every_second(clock: Clock, emitter: Emitter) -> None:
    """Say that we live, and raise SuiteHangs in the check that runs when it has been busy with itself for too long."""
    from mlops_grade.judge.failure import SuiteHangs

    patience = patience_with_a_check(clock.seconds)

    def look(number: int, frame: Any) -> None:
        emitter.say_alive()
        if clock.idle > patience:
            clock.restart()
            raise SuiteHangs

    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, look)
        signal.setitimer(signal.ITIMER_REAL, 1, 1)


def _pytest_arguments(hidden: Path, fail_fast: bool) -> list[str]:
    # By name, from the folder itself: in an argument pytest reads `[` and `::` of a path as parts of a test's name.
    suites = sorted(path.name for path in hidden.glob("test_*.py"))
    stop = ["-x"] if fail_fast else []
    # Without its bound pytest looks through every folder above the suite, up to the root.
    return [
        "-c", os.devnull, "--rootdir", str(hidden), "--confcutdir", str(hidden), "--noconftest",
        "--import-mode=prepend", "-s", "-q", "--tb=short", "-p", "no:cacheprovider", "-p", "no:faulthandler",
        "-p", "no:warnings", "-p", "no:logging", *stop, *suites,
    ]  # fmt: skip


def _loaded_by_every_run() -> list[str]:
    """What pytest imports only once it runs."""
    from _pytest.config import default_plugins

    return [*(f"_pytest.{name}" for name in default_plugins), "_pytest._argcomplete", "pdb"]


def _refuse(descriptors: list[int], why: str) -> None:
    os.write(descriptors[0], json.dumps({"event": "error", "message": f"no judge could be started: {why}"}).encode())


def main() -> None:
    control = Channel.from_descriptor(int(sys.argv[1]))
    jail.hide_memory()  # no parent-death signal: it is sent when the *thread* that started us ends; we see the hang-up
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    greeting, _ = control.receive(OnTheWall(PATIENCE_WITH_OURSELVES))
    sys.argv = ["judge"]
    failed = preload([] if greeting["once"] else [*greeting["preload"], *_loaded_by_every_run()])
    control.send({"ready": True, "preload_failed": failed})

    def judging(job: dict[str, Any], descriptors: list[int]) -> Role:
        events, files, log, parent = descriptors
        return Judging(job, events, files, log, parent)

    role: Role | None = ForkServer(control, judging, _refuse, greeting["once"])
    while role is not None:
        role = role.run()


if __name__ == "__main__":
    from mlops_grade.judge.process import main as importable_main

    importable_main()
