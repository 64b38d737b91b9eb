"""What phones home by itself does not do so under the grader: nothing but loopback is tried."""

import subprocess
import sys
from pathlib import Path

import pytest

from mlops_grade.student import isolation

SOLUTION = next(Path(__file__).parents[2].glob("s4_debugging/m35_*/hidden/solution"))

TRACK_AND_TELL = """
import atexit, sys

tried = []

def listen(event, arguments):
    if event in ("socket.getaddrinfo", "socket.gethostbyname"):
        tried.append(str(arguments[0]))
    elif event == "socket.connect" and isinstance(arguments[1], tuple):
        tried.append(str(arguments[1][0]))

sys.addaudithook(listen)
# The first to be registered is the last to run: what a library sends when it is left is seen as well.
atexit.register(lambda: print("tried:", *(host for host in tried if host not in ("127.0.0.1", "::1", "localhost"))))

from experiments import best_run, track
from registry import load_champion, promote, register
from training import trainer, write_data

write_data("digits.npz")
uri = "sqlite:///mlflow.db"
track(uri, "digits", trainer("digits.npz"), [{"lr": 0.1, "epochs": 1}], "digits.npz")
promote(uri, "digits", register(uri, "digits", best_run(uri, "digits")))
load_champion(uri, "digits")
"""


@pytest.mark.slow
def test_mlflow_tries_no_network(tmp_path: Path) -> None:
    pytest.importorskip("mlflow")
    command_path = isolation.surroundings().command_path
    environment = isolation.clean_environment(command_path, str(tmp_path), str(tmp_path))
    environment["PYTHONPATH"] = f"{SOLUTION}:{SOLUTION.parents[1]}"
    program = [sys.executable, "-c", TRACK_AND_TELL]
    run = subprocess.run(program, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == ["tried:"]


def test_every_switch_reaches_student_code() -> None:
    environment = isolation.clean_environment("/usr/bin", "/tmp/home", "/tmp")
    assert isolation.TELEMETRY_OFF.items() <= environment.items()
