"""Which isolation tier a machine gives, and to whom."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mlops_grade.cli import app
from mlops_grade.course.discovery import Course
from mlops_grade.errors import UsageError
from mlops_grade.judge.run import Judge, RunOptions
from mlops_grade.student import isolation
from mlops_grade.student.client import Pod
from mlops_grade.student.clock import Clock
from mlops_grade.student.isolation import Tier
from mlops_grade.student.jail import Limits
from mlops_grade.student.launch import start_parent

NOBODY = 65534
TELL_TIER = """
from mlops_grade.judge.run import Judge, RunOptions
judge = Judge(RunOptions())
print(judge.tier, judge.trouble)
judge.close()
"""


def as_nobody(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, user=NOBODY, group=NOBODY, extra_groups=[], capture_output=True, text=True, cwd="/", check=False
    )


def what_nobody_lacks() -> str:
    """Why this machine is none to try it on; empty if it is one."""
    try:
        if as_nobody(sys.executable, "-c", "import mlops_grade, torch").returncode != 0:
            return "this environment lies where only root may read"
    except PermissionError:
        return "this environment lies where only root may read"
    bubblewrap = isolation.bubblewrap()
    fence = ["--unshare-all", "--ro-bind", "/", "/", "true"]
    if bubblewrap and as_nobody(bubblewrap, *fence).returncode != 0:
        return "only root may make namespaces here"
    return ""


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_an_ordinary_user_gets_the_tier_that_root_gets() -> None:
    if reason := what_nobody_lacks():
        pytest.skip(reason)
    judge = Judge(RunOptions())
    try:
        tier = judge.tier
    finally:
        judge.close()
    assert as_nobody(sys.executable, "-c", TELL_TIER).stdout.strip() == str(tier)


GLOO = """
import os, torch.distributed
os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29417", "RANK": "0", "WORLD_SIZE": "1"}
torch.distributed.init_process_group("gloo")
print(torch.distributed.get_world_size())
"""


@pytest.mark.parametrize("tier", list(Tier))
def test_a_library_that_looks_through_the_machines_buses_works_in_each_tier(tier: Tier, tmp_path: Path) -> None:
    if tier not in isolation.possible_tiers():
        pytest.skip(isolation.missing_for(tier))
    tmp_path.chmod(0o711)
    server = start_parent(tier, [], str(tmp_path))
    server.ready()
    pod = Pod(server, {"join.py": GLOO.encode()}, Limits(), Clock(60), seed=1)
    try:
        done = pod.start("python", ["join.py"]).wait(60)
        assert (done.exit_code, done.stdout) == (0, "1\n"), done.stderr
    finally:
        pod.close()
        server.close()


# ------------------------------------------------------------------------------- root, and the work of strangers


@pytest.fixture
def only_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with nothing better than the tier `limits`, and root on it."""
    monkeypatch.setattr(isolation, "possible_tiers", lambda: [Tier.LIMITS])
    monkeypatch.setattr(os, "geteuid", lambda: 0)


def tier(options: RunOptions) -> Tier:
    judge = Judge(options)
    try:
        return judge.tier
    finally:
        judge.close()


def test_root_does_not_run_strangers_work_in_limits(only_limits: None) -> None:
    with pytest.raises(UsageError, match=r"as another user.*--require-isolation limits"):
        tier(RunOptions(strangers=True))


MAY_RUN = {
    "its own work": RunOptions(),
    "told that it may": RunOptions(strangers=True, require_isolation=Tier.LIMITS),
    "told to": RunOptions(strangers=True, isolation=Tier.LIMITS),
}


@pytest.mark.parametrize("options", MAY_RUN.values(), ids=MAY_RUN.keys())
def test_root_runs_in_limits(only_limits: None, options: RunOptions) -> None:
    assert tier(options) is Tier.LIMITS


def test_who_is_not_root_runs_strangers_work_in_limits(only_limits: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert tier(RunOptions(strangers=True)) is Tier.LIMITS


@pytest.mark.parametrize("told", [False, True], ids=["not told", "told that it may"])
@pytest.mark.parametrize("command", ["grade", "batch"])
def test_commands_that_grade_strangers_work_say_so(
    only_limits: None, course: Course, checkout: Path, monkeypatch: pytest.MonkeyPatch, command: str, told: bool
) -> None:
    monkeypatch.setenv("MLOPS_GRADE_COURSE", str(course.root))
    monkeypatch.chdir(checkout.parent)
    (checkout.parent / "clones").mkdir()
    checkout.rename(checkout.parent / "clones" / "ada")
    words = {"grade": ["grade", "--submission", "clones/ada"], "batch": ["batch", "clones"]}[command]
    done = CliRunner().invoke(app, [*words, *(["--require-isolation", "limits"] if told else [])])
    if told:
        assert done.exit_code == 0, done.output
    else:
        assert isinstance(done.exception, UsageError)
        assert "--require-isolation limits" in str(done.exception)
