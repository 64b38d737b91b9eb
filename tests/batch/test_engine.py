"""The batch with the real engine: locally, on a cluster, and replayed. Everything else is tested with a stand-in."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from builders import ADD, RIGHT, WRONG, cohort_of, make_course, make_fork, write
from mlops_grade.batch.gradebook import Gradebook, State
from mlops_grade.batch.run import Batch, BatchOptions
from mlops_grade.batch.store import Store
from mlops_grade.cli import app
from mlops_grade.course.discovery import Course, load_course
from mlops_grade.course.environment import environment_digest
from mlops_grade.judge.grader import RunOptions

pytestmark = pytest.mark.slow

SUITE = '''
from mlops_grade.suite import hint

@hint("Which operator adds?")
def test_add(student, rng):
    """add adds two numbers"""
    a, b = (int(number) for number in rng.integers(1, 99, 2))
    assert student.load("add").add(a, b) == a + b
'''
EXPECTED = {"ada": State.PASSED, "bob": State.NOT_PASSED, "eve": State.NOT_PASSED, "idle": State.UNTOUCHED}


@pytest.fixture
def course(tmp_path: Path) -> Course:
    root = make_course(tmp_path / "course").root
    write(root, {"s1_basics/m01_add/hidden/test_add.py": SUITE})
    return load_course(root)


@pytest.fixture
def forks(tmp_path: Path) -> list[Path]:
    hostile = "import os\nprint('1 passed')\nos._exit(0)\n"
    work = {"ada": [RIGHT], "bob": [WRONG], "eve": [{ADD: hostile}], "idle": []}
    return [make_fork(tmp_path / "clones" / name, *commits) for name, commits in work.items()]


def states(course: Course, forks: list[Path], store_path: Path, name: str) -> dict[str, State]:
    with Store(store_path) as store:
        book = Gradebook(cohort_of(*forks, name=name), course.resolve(["m01"]), store)
        return {row.student.id: row.cells["m01"].state for row in book.rows}


def test_locally_explained_and_replayed(
    course: Course, forks: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLOPS_GRADE_COURSE", str(course.root))
    clones, store = str(tmp_path / "clones"), tmp_path / "store"
    options = ["--store", str(store)]
    ran = CliRunner().invoke(app, ["batch", clones, "m01", "--report", str(tmp_path / "report"), *options])
    assert ran.exit_code == 0, ran.output
    assert states(course, forks, store, "clones") == EXPECTED
    feedback = (tmp_path / "report/feedback/bob.md").read_text(encoding="utf-8")
    assert "Which operator adds?" in feedback
    explained = CliRunner().invoke(app, ["explain", "bob", "m01", "--cohort", clones, *options])
    assert "isolation" in explained.output
    replayed = CliRunner().invoke(app, ["replay", "bob", "m01", "--cohort", clones, *options])
    assert replayed.exit_code == 0, replayed.output
    assert "The verdicts agree" in replayed.output


def test_on_a_cluster(
    course: Course, forks: list[Path], store_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    distributed = pytest.importorskip("distributed")
    from mlops_grade.batch.dask_pool import DaskPool, WarmGrader

    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]))
    modules = course.resolve(["m01"])
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None,
        local_directory=str(tmp_path / "dask"), silence_logs="CRITICAL",
    ) as cluster, Store(store_path) as store:  # fmt: skip
        pool = DaskPool(cluster.scheduler_address, modules, WarmGrader(RunOptions()), environment_digest())
        Batch(course, cohort_of(*forks), store, BatchOptions(modules)).run(pool)
    assert states(course, forks, store_path, "autumn") == EXPECTED
