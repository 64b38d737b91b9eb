"""Which isolation tier a machine gives, and to whom."""

import os
import subprocess
import sys

import pytest

from mlops_grade.judge.run import Judge, RunOptions
from mlops_grade.student import isolation

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
