"""A verdict does not depend on how busy the machine is: a small form of benchmarks/bench_load.py."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parents[2] / "benchmarks" / "bench_load.py"


@pytest.mark.slow
def test_verdicts_beside_busy_loops_are_those_of_a_quiet_machine() -> None:
    command = [sys.executable, str(BENCH), "m01", "m22", "m23", "m27", "--load", "16"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
