"""Faults of the machine and of the course: a grader error where it is ours, never the student's; and it goes on."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from corpus import TARGETS
from mlops_grade.course.discovery import Module, load_course
from mlops_grade.course.submission import Submission, from_folder
from mlops_grade.errors import GraderError, UsageError
from mlops_grade.judge.grader import Grader, RunOptions
from mlops_grade.student import isolation
from mlops_grade.student.client import Pod
from mlops_grade.student.clock import Clock
from mlops_grade.student.handles import StudentFailure
from mlops_grade.student.isolation import Tier
from mlops_grade.student.jail import Limits
from mlops_grade.student.launch import ServerProcess, start_parent
from mlops_grade.verdict import ExitCode, ModuleVerdict, Outcome, Report


def right(module: Module) -> Submission:
    return from_folder(module.hidden / "solution", module.settings.submit)


@pytest.fixture(scope="module")
def plain() -> Module:
    return load_course(TARGETS.parent).modules[0]


@pytest.fixture(scope="module")
def grader(plain: Module) -> Iterator[Grader]:
    with Grader([plain], RunOptions(), 2) as grader:
        yield grader


# ---------------------------------------------------------------------------------------------------- processes


@pytest.fixture(scope="module")
def parent() -> Iterator[ServerProcess]:
    private = isolation.private_folder()
    server = start_parent(isolation.possible_tiers()[0], [], private)
    server.ready()
    yield server
    server.close()
    shutil.rmtree(private, ignore_errors=True)


def test_a_worker_killed_at_fifty_random_moments_fails_its_call_and_nothing_else(parent: ServerProcess) -> None:
    source = "import time\ndef slow(n):\n    return sum(i * i for i in range(n))\n"
    moments = random.Random(3)
    outcomes = set()
    for _ in range(50):
        pod = Pod(parent, {"slow.py": source.encode()}, Limits(), Clock(30), seed=1)
        killer = threading.Timer(moments.uniform(0, 0.08), _kill_workers, args=(pod,))
        killer.start()
        try:
            module = pod.ask(10, "load", "slow", ".")
            for _ in range(200):
                assert module.slow(2_000) == sum(i * i for i in range(2_000))
            outcomes.add("answered")
        except StudentFailure as failure:
            assert failure.reason == "died"
            assert "killed" in failure.message or "ended" in failure.message
            outcomes.add("died")
        finally:
            killer.join()
            pod.close()
    assert "died" in outcomes
    pod = Pod(parent, {"slow.py": source.encode()}, Limits(), Clock(30), seed=1)
    assert pod.ask(10, "load", "slow", ".").slow(3) == 5
    pod.close()


def _kill_workers(pod: Pod) -> None:
    with contextlib.suppress(StudentFailure, OSError):
        pod.request({"op": "signal", "number": 1, "signal": int(signal.SIGKILL)})


def test_a_pod_killed_in_the_middle_says_so(parent: ServerProcess) -> None:
    pod = Pod(parent, {"still.py": b"import time\ndef wait(): time.sleep(20)\n"}, Limits(), Clock(30), seed=1)
    module = pod.ask(10, "load", "still", ".")
    threading.Timer(0.2, pod.kill).start()
    with pytest.raises(StudentFailure) as failure:
        module.wait()
    assert failure.value.reason == "died"
    pod.close()


def test_descriptors_do_not_pile_up(parent: ServerProcess) -> None:
    def run_one() -> None:
        pod = Pod(parent, {"p.py": b"print(1)\n"}, Limits(), Clock(30), seed=1)
        pod.start("python", ["p.py"]).wait(10)
        pod.write("x", b"y")
        assert pod.read("x") == b"y"
        assert pod.files() == ["p.py", "x"]
        pod.close()

    run_one()
    before = _open_files("self"), _open_files(str(parent.pid))
    for _ in range(5):
        run_one()
    assert (_open_files("self"), _open_files(str(parent.pid))) == before


def _open_files(process: str) -> int:
    return len(list(Path("/proc", process, "fd").iterdir()))


def test_a_killed_warm_parent_is_replaced(grader: Grader, plain: Module) -> None:
    assert grader.grade(plain, right(plain)).outcome is Outcome.PASSED
    for server in grader.judge._parents.values():
        os.kill(server.pid, signal.SIGKILL)
    assert grader.grade(plain, right(plain)).outcome is Outcome.PASSED


def test_a_killed_judge_is_replaced(grader: Grader, plain: Module) -> None:
    assert grader.grade(plain, right(plain)).outcome is Outcome.PASSED
    assert grader.judge._judge is not None
    os.kill(grader.judge._judge.pid, signal.SIGKILL)
    assert grader.grade(plain, right(plain)).outcome is Outcome.PASSED


def test_a_judge_that_is_dying_but_not_gone_is_replaced(
    grader: Grader, plain: Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert grader.grade(plain, right(plain)).outcome is Outcome.PASSED
    judge = grader.judge._judge
    assert judge is not None
    os.kill(judge.pid, signal.SIGKILL)
    judge._process.wait(10)
    monkeypatch.setattr(judge._process, "poll", lambda: None)
    assert grader.grade(plain, right(plain)).outcome is Outcome.PASSED
    assert grader.judge._judge is not judge


def test_a_warm_parent_that_falls_in_the_middle_of_a_run_is_no_fault_of_the_student(plain: Module) -> None:
    with Grader([plain], RunOptions(), 1) as grader:
        assert grader.grade(plain, right(plain)).outcome is Outcome.PASSED
        future = grader.submit(plain, right(plain))
        time.sleep(0.05)
        for server in [*grader.judge._parents.values()]:
            os.kill(server.pid, signal.SIGKILL)
        assert future.result().outcome in (Outcome.PASSED, Outcome.GRADER_ERROR, Outcome.NOT_PASSED)
        assert grader.grade(plain, right(plain)).outcome is Outcome.PASSED


@pytest.mark.parametrize("tier", [tier for tier in reversed(Tier) if tier in isolation.possible_tiers()], ids=str)
def test_nothing_is_left_when_the_grader_is_killed(tier: Tier, plain: Module, tmp_path: Path) -> None:
    work = tmp_path / plain.folder
    work.mkdir(parents=True)
    name = f"orphan{os.getpid()}"[:15]
    (work / "plain.py").write_text(
        "import ctypes, os, time\nlibc = ctypes.CDLL(None)\nif os.fork() == 0:\n    libc.prctl(1, 0, 0, 0, 0)\n"
        f"    os.setsid()\n    libc.prctl(15, b'{name}', 0, 0, 0)\n    time.sleep(60)\ntime.sleep(60)\n"
    )
    script = (
        "import sys\nfrom pathlib import Path\nfrom mlops_grade.course.discovery import load_course\n"
        "from mlops_grade.judge.grader import Grader, RunOptions\n"
        "from mlops_grade.course.submission import from_checkout\n"
        "from mlops_grade.student.isolation import Tier\n"
        "module = load_course(Path(sys.argv[1])).modules[0]\n"
        "grader = Grader([module], RunOptions(isolation=Tier(sys.argv[3])), 1)\n"
        "grader.grade(module, from_checkout(Path(sys.argv[2]), module))\n"
    )
    command = [sys.executable, "-c", script, str(TARGETS.parent), str(tmp_path), str(tier)]
    process = subprocess.Popen(command)
    try:
        assert _within(60, lambda: bool(_named(name))), "the attack did not start"
    finally:
        process.kill()
        process.wait()
    left = _within(20, lambda: not _named(name))
    for pid in _named(name):
        os.kill(pid, signal.SIGKILL)
    assert left, "a process outlived the grader"


def _within(seconds: float, holds: object) -> bool:
    assert callable(holds)
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def _named(name: str) -> list[int]:
    found = []
    for file in Path("/proc").glob("[0-9]*/comm"):
        with contextlib.suppress(OSError):
            if file.read_text().strip() == name:
                found.append(int(file.parent.name))
    return found


# ------------------------------------------------------------------------------------------- disk, memory, tiers


def test_a_full_workspace_fails_the_call(parent: ServerProcess) -> None:
    source = "def fill():\n    with open('big', 'wb') as file:\n        while True: file.write(bytes(1 << 20))\n"
    pod = Pod(parent, {"full.py": source.encode()}, Limits(workspace=8), Clock(30), seed=1)
    try:
        with pytest.raises(OSError):
            pod.ask(10, "load", "full", ".").fill()
        with pytest.raises(OSError):
            pod.write("more", bytes(8 << 20))
        assert pod.read("full.py") == source.encode()
    finally:
        pod.close()


def test_a_submission_larger_than_the_workspace_is_a_grader_error(parent: ServerProcess) -> None:
    with pytest.raises(GraderError, match="a jail could not be started"):
        Pod(parent, {"big.bin": bytes(3 << 20)}, Limits(workspace=1), Clock(30), seed=1)


def test_short_memory_is_told_as_such(parent: ServerProcess) -> None:
    source = (
        "import os, time\nfor _ in range(4):\n    if os.fork() == 0:\n"
        "        data = bytearray(os.urandom(1 << 20)) * 50; time.sleep(30)\ntime.sleep(30)\n"
    )
    pod = Pod(parent, {"greedy.py": source.encode()}, Limits(memory=64, total=96), Clock(30), seed=1)
    with pytest.raises(StudentFailure) as failure:
        pod.start("python", ["greedy.py"]).wait(20)
    assert failure.value.reason == "memory"
    pod.close()


def test_no_folder_for_temporary_files_is_a_grader_error_where_one_is_needed(
    monkeypatch: pytest.MonkeyPatch, plain: Module
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/proc/nowhere")
    with Grader([plain], RunOptions(isolation=Tier.LIMITS), 1) as grader:
        verdict = grader.grade(plain, right(plain))
    assert verdict.outcome is Outcome.GRADER_ERROR
    assert "TMPDIR" in verdict.reason


def test_without_bubblewrap_the_next_tier_is_taken(monkeypatch: pytest.MonkeyPatch, plain: Module) -> None:
    monkeypatch.setattr(isolation, "bubblewrap", lambda: None)
    assert "bubblewrap" in isolation.missing_for(Tier.NAMESPACES)
    with Grader([plain], RunOptions(), 1) as grader:
        assert grader.judge.tier is not Tier.NAMESPACES
        assert grader.grade(plain, right(plain)).outcome is Outcome.PASSED
    with Grader([plain], RunOptions(require_isolation=Tier.NAMESPACES), 1) as grader, pytest.raises(UsageError):
        grader.grade(plain, right(plain))


def test_where_user_namespaces_are_refused_the_next_tier_is_taken(
    monkeypatch: pytest.MonkeyPatch, plain: Module, tmp_path: Path
) -> None:
    refusing = tmp_path / "bwrap"
    refusing.write_text("#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n")
    refusing.chmod(0o755)
    monkeypatch.setattr(isolation, "bubblewrap", lambda: str(refusing))
    with Grader([plain], RunOptions(), 1) as grader:
        assert grader.judge.tier is not Tier.NAMESPACES
        assert grader.grade(plain, right(plain)).outcome is Outcome.PASSED


def test_a_course_that_student_code_could_read_is_not_graded_with(
    monkeypatch: pytest.MonkeyPatch, plain: Module
) -> None:
    monkeypatch.setattr(isolation, "SYSTEM_FOLDERS", (*isolation.SYSTEM_FOLDERS, str(TARGETS.parents[1])))
    with Grader([plain], RunOptions(), 1) as grader:
        if grader.judge.tier is Tier.LIMITS:
            pytest.skip("this machine fences no files")
        verdict = grader.grade(plain, right(plain))
    assert verdict.outcome is Outcome.GRADER_ERROR
    assert "move the course" in verdict.reason


def test_where_nothing_can_be_started_it_is_a_grader_error(monkeypatch: pytest.MonkeyPatch, plain: Module) -> None:
    monkeypatch.setattr(isolation, "bubblewrap", lambda: "/nowhere/bwrap")
    with Grader([plain], RunOptions(isolation=Tier.NAMESPACES), 1) as grader:
        verdict = grader.grade(plain, right(plain))
    assert verdict.outcome is Outcome.GRADER_ERROR
    assert "isolation" in verdict.reason


# ---------------------------------------------------------------------------------------------------- the suite

FAULTY_SUITES = {
    "syntax error": "def test_weighted_mean(student:\n",
    "import error": "import no_such_package_anywhere\ndef test_weighted_mean(student):\n    pass\n",
    "error while it is imported": "raise RuntimeError('of our own')\n",
    "exit while it is imported": "import sys\nsys.exit(0)\n",
    "no test": "x = 1\n",
    "failing fixture": "import pytest\n@pytest.fixture\ndef data():\n    raise RuntimeError('of our own')\n"
    "def test_weighted_mean(data, student):\n    pass\n",
    "unknown fixture": "def test_weighted_mean(nothing_of_that_name):\n    pass\n",
    "bug before anything is asked": "def test_weighted_mean(student):\n    [].missing\n",
    "hanging test": "import time\ndef test_weighted_mean(student):\n    time.sleep(3600)\n",
    "hanging import": "import time\ntime.sleep(3600)\n",
    "dying judge": "import os\ndef test_weighted_mean(student):\n    os._exit(0)\n",
    "leaving judge": "import pytest\ndef test_weighted_mean(student):\n    pytest.exit('done', 0)\n",
}


@pytest.fixture(scope="module")
def verdicts_of_faulty_suites(
    plain: Module, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[ModuleVerdict]]]:
    """Graded side by side: some of them hang."""
    with Grader([plain], RunOptions(), len(FAULTY_SUITES)) as grader:
        verdicts = {}
        for name, suite in FAULTY_SUITES.items():
            course = tmp_path_factory.mktemp("faulty") / "course"
            shutil.copytree(TARGETS.parent, course)
            module = load_course(course).modules[0]
            (module.hidden / "test_plain.py").write_text(suite)
            verdicts[name] = grader.submit(module, right(module))
        yield verdicts
        assert grader.grade(plain, right(plain)).outcome is Outcome.PASSED


@pytest.mark.parametrize("name", FAULTY_SUITES)
def test_a_faulty_suite_is_a_grader_error(
    verdicts_of_faulty_suites: dict[str, Future[ModuleVerdict]], name: str
) -> None:
    verdict = verdicts_of_faulty_suites[name].result()
    assert verdict.outcome is Outcome.GRADER_ERROR, f"{verdict.reason} {verdict.checks}"
    assert told(verdict)
    assert Report(verdicts=(verdict,)).exit_code == ExitCode.GRADER_ERROR


def told(verdict: ModuleVerdict) -> str:
    return verdict.reason or "".join(check.message for check in verdict.checks)


def test_a_check_that_hangs_over_a_students_value_is_not_passed(grader: Grader, tmp_path: Path) -> None:
    course = tmp_path / "course"
    shutil.copytree(TARGETS.parent, course)
    module = load_course(course).modules[0]
    (module.hidden / "test_plain.py").write_text(
        "import re\ndef test_weighted_mean(student):\n    count = student.load('plain').weighted([50], [1])\n"
        "    re.match(r'(a+)+$', 'a' * count + 'b')\n"
    )
    verdict = grader.grade(module, Submission({"plain.py": b"def weighted(v, w): return v[0]\n", "program.py": b""}))
    assert verdict.outcome is Outcome.NOT_PASSED
    assert verdict.checks[0].reason == "timeout"
