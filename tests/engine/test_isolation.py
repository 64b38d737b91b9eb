"""Which isolation tier a machine gives, and to whom."""

import os
import subprocess
import sys

import pytest

from mlops_grade.judge.run import Judge, RunOptions

NOBODY = 65534
TELL_TIER = """
from mlops_grade.judge.run import Judge, RunOptions
judge = Judge(RunOptions())
print(judge.tier, judge.trouble)
judge.close()
"""


def as_nobody(program: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", program]
    return subprocess.run(command, user=NOBODY, group=NOBODY, extra_groups=[], capture_output=True, text=True, cwd="/")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_an_ordinary_user_gets_the_tier_that_root_gets() -> None:
    try:
        reachable = as_nobody("import mlops_grade, torch").returncode == 0
    except PermissionError:
        reachable = False
    if not reachable:
        pytest.skip("this environment lies where only root may read")
    judge = Judge(RunOptions())
    try:
        tier = judge.tier
    finally:
        judge.close()
    assert as_nobody(TELL_TIER).stdout.strip() == str(tier)
