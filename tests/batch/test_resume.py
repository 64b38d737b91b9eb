"""Killed anywhere and run again: every verdict as in an undisturbed run, none lost, none twice."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from builders import ADD, MAIN, RIGHT, WRONG, cohort_of, judge, make_course, make_fork, run_batch
from mlops_grade.batch.progress import Silent
from mlops_grade.batch.run import FORKS, Batch, BatchOptions
from mlops_grade.batch.schedule import LocalPool
from mlops_grade.batch.store import Store
from mlops_grade.course.discovery import Course

STUDENTS = 12
DRIVER = """
import sys, time
from pathlib import Path
from builders import cohort_of, judge, run_batch
from mlops_grade.course.discovery import load_course

def slow(module, submission):
    time.sleep(0.02)
    return judge(module, submission)

root = Path(sys.argv[1])
forks = sorted((root / "forks").iterdir())
run_batch(load_course(root / "course"), cohort_of(*forks, root / "forks" / "gone"), Path(sys.argv[2]), slow)
"""


def driver(root: Path, store: Path) -> subprocess.Popen[bytes]:
    paths = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    return subprocess.Popen(
        [sys.executable, "-c", DRIVER, str(root), str(store)], env={**os.environ, "PYTHONPATH": paths}
    )


def contents(store_path: Path) -> list[tuple[object, ...]]:
    """Everything of a store that may not depend on time: who handed in what, and what came of every try."""
    with Store(store_path) as store:
        handed = store.database.execute(
            "SELECT student, handed.module, submission, untouched, changed, settled, flaky, number, outcome, signature"
            " FROM handed JOIN units ON units.id = unit LEFT JOIN tries USING (unit) ORDER BY 1, 2, 8"
        ).fetchall()
        forks = store.database.execute("SELECT student, state, reason, tip, commit_id FROM forks ORDER BY 1").fetchall()
        tries = store.database.execute("SELECT count(*), count(DISTINCT unit) FROM tries").fetchall()
    return [*handed, *forks, *tries]


@pytest.mark.slow
def test_kills_at_random_moments_change_nothing(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    wanted = pytestconfig.getoption("--kills")
    make_course(tmp_path / "course")
    for number in range(STUDENTS):
        own = {ADD: f"{(RIGHT, WRONG)[number % 2][ADD]}# {number % 5}\n", MAIN: f"DONE = {number}\n"}
        make_fork(tmp_path / "forks" / f"s{number:02}", own)
    began = time.monotonic()
    assert driver(tmp_path, tmp_path / "undisturbed" / "store").wait(timeout=120) == 0
    whole = time.monotonic() - began
    expected = contents(tmp_path / "undisturbed" / "store")
    draw = random.Random(7)
    store, kills, finished = tmp_path / "state" / "store", 0, 0
    while kills < wanted or finished == 0:
        run = driver(tmp_path, store)
        try:
            # Half of the starting time is imports, where a kill proves little.
            code = run.wait(timeout=draw.uniform(0.3, 1.0) * whole if kills < wanted else 120)
        except subprocess.TimeoutExpired:
            run.send_signal(signal.SIGKILL)
            run.wait()
            kills += 1
            continue
        assert code == 0
        finished += 1
        assert contents(store) == expected
        shutil.rmtree(store.parent)
    assert kills == wanted


def test_a_killed_run_does_not_fetch_again_what_it_had(course: Course, tmp_path: Path, store_path: Path) -> None:
    cohort = cohort_of(make_fork(tmp_path / "ada", RIGHT), make_fork(tmp_path / "bob", WRONG))

    class Killed(Silent):
        def phase(self, name: str, total: int, known: int = 0) -> None:
            if name == "Grading":
                raise KeyboardInterrupt

    with Store(store_path) as store, pytest.raises(KeyboardInterrupt):
        options = BatchOptions(course.modules, environment="test")
        Batch(course, cohort, store, options, Killed()).run(LocalPool(judge))
    shutil.rmtree(tmp_path / "ada")  # gone meanwhile: it is graded from what was collected
    batch = run_batch(course, cohort, store_path)
    assert batch.tally.not_collected == 0
    assert (store_path.parent / FORKS).is_dir()
