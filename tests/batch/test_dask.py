"""Grading on a Dask cluster: suites and submissions as bytes, workers that die, TLS, GPUs, versions that differ."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from builders import ADD, RIGHT, WRONG, cohort_of, judge, make_fork, write
from mlops_grade.batch.gradebook import Gradebook, State
from mlops_grade.batch.run import Batch, BatchOptions
from mlops_grade.batch.store import Store
from mlops_grade.course.discovery import Course, Module, load_course
from mlops_grade.course.submission import Submission
from mlops_grade.errors import GraderError, UsageError
from mlops_grade.verdict import ModuleVerdict

distributed = pytest.importorskip("distributed", reason="the extra 'cluster' is not installed")
from mlops_grade.batch.dask_pool import DaskPool, GraderLike, Parcel, warning  # noqa: E402

pytestmark = pytest.mark.slow
PAGE = (Path(__file__).parents[2] / "docs" / "cluster.md").read_text(encoding="utf-8")


@dataclass
class StandInGrader:
    """Judges as the fake grader does, and says which process and course it was."""

    course: Course
    pause: float = 0.0

    def grade(self, module: Module, submission: Submission) -> ModuleVerdict:
        time.sleep(self.pause)
        assert (module.path / "hidden").is_dir(), "the suite travelled"
        assert not (module.path / "hidden" / "solution").exists(), "the solution did not"
        return judge(module, submission).model_copy(update={"notes": (str(os.getpid()),)})

    def __enter__(self) -> StandInGrader:
        return self

    def __exit__(self, *_: Any) -> None: ...


@dataclass(frozen=True)
class MakeStandIn:
    pause: float = 0.0

    def __call__(self, course: Course, jobs: int) -> GraderLike:
        return StandInGrader(course, self.pause)


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """The workers import this file, and say nothing."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]))


@pytest.fixture
def cluster(quiet: None, tmp_path: Path) -> Iterator[Any]:
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None,
        local_directory=str(tmp_path / "dask"), silence_logs="CRITICAL",
    ) as cluster:  # fmt: skip
        yield cluster


def forks(tmp_path: Path, count: int) -> list[Path]:
    own = ({ADD: f"{(RIGHT, WRONG)[number % 2][ADD]}# {number}\n"} for number in range(count))
    return [make_fork(tmp_path / f"s{number}", files) for number, files in enumerate(own)]


def grade(course: Course, places: list[Path], store_path: Path, pool: DaskPool) -> dict[str, State]:
    cohort = cohort_of(*places)
    with Store(store_path) as store:
        Batch(course, cohort, store, BatchOptions(course.modules, environment="test")).run(pool)
        return {row.student.id: row.cells["m01"].state for row in Gradebook(cohort, course.modules, store).rows}


def expected(count: int) -> dict[str, State]:
    return {f"s{number}": (State.PASSED, State.NOT_PASSED)[number % 2] for number in range(count)}


def test_a_cohort_is_graded_by_workers_that_have_no_course(
    course: Course, cluster: Any, tmp_path: Path, store_path: Path
) -> None:
    pool = DaskPool(cluster.scheduler_address, course.modules, MakeStandIn(), "")
    assert pool.slots == 2
    assert grade(course, forks(tmp_path, 4), store_path, pool) == expected(4)


def test_a_worker_that_is_killed_loses_no_verdict(
    course: Course, cluster: Any, tmp_path: Path, store_path: Path
) -> None:
    pool = DaskPool(cluster.scheduler_address, course.modules, MakeStandIn(pause=0.3), "")
    victim = next(iter(cluster.workers.values())).pid

    class KillOnce:
        def phase(self, name: str, total: int, known: int = 0) -> None: ...
        def close(self) -> None: ...

        steps = 0

        def advance(self, steps: int = 1, problem: str = "") -> None:
            self.steps += 1
            if self.steps == 8 + 8 + 2:  # collected, read, two graded
                os.kill(victim, signal.SIGKILL)

    cohort = cohort_of(*forks(tmp_path, 8))
    with Store(store_path) as store:
        batch = Batch(course, cohort, store, BatchOptions(course.modules, environment="test"), KillOnce())
        batch.run(pool)
        rows = Gradebook(cohort, course.modules, store).rows
        assert {row.student.id: row.cells["m01"].state for row in rows} == expected(8)
        tries = store.database.execute("SELECT count(*) FROM tries").fetchone()[0]
    assert tries == 8 + 1, "each distinct unit once"


def test_a_worker_with_other_versions_is_refused(course: Course, cluster: Any) -> None:
    with pytest.raises(GraderError, match="other versions"):
        DaskPool(cluster.scheduler_address, course.modules, MakeStandIn(), "another environment")


def test_a_scheduler_that_is_not_there(course: Course) -> None:
    with pytest.raises(UsageError, match="no scheduler answers"):
        DaskPool("tcp://127.0.0.1:9", course.modules, MakeStandIn(), "", patience=1)


def test_gpu_modules_wait_for_a_worker_with_a_gpu(
    course: Course, quiet: None, tmp_path: Path, store_path: Path
) -> None:
    write(
        course.root,
        {"s2_more/m02_tree/module.toml": 'title = "T"\ncore = true\nsubmit = ["main.py"]\nneeds = ["gpu"]\n'},
    )
    course = load_course(course.root)
    options = {"nthreads": 1, "dashboard_address": None, "local_directory": str(tmp_path / "dask")}
    workers = {
        "plain": {"cls": distributed.Nanny, "options": options},
        "gpu": {"cls": distributed.Nanny, "options": {**options, "resources": {"GPU": 1}}},
    }
    scheduler = {"cls": distributed.Scheduler, "options": {"dashboard_address": None, "host": "127.0.0.1"}}
    with distributed.SpecCluster(workers=workers, scheduler=scheduler, silence_logs="CRITICAL") as cluster:
        gpu = str(cluster.workers["gpu"].pid)
        pool = DaskPool(cluster.scheduler_address, course.modules, MakeStandIn(), "")
        places = [make_fork(tmp_path / f"s{n}", {"s2_more/m02_tree/main.py": f"DONE = {n}\n"}) for n in range(4)]
        grade(course, places, store_path, pool)
    with Store(store_path) as store:
        book = Gradebook(cohort_of(*places), course.resolve(["m02"]), store)
        hosts = {book.verdict(cell.unit.unit).notes[0] for row in book.rows if (cell := row.cells["m02"]).unit}
    assert hosts == {gpu}


def test_the_same_over_tls_and_not_without_the_certificate(
    course: Course, quiet: None, tmp_path: Path, store_path: Path
) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    import dask

    certificates = tmp_path / "certificates"
    certificates.mkdir()
    (script,) = (block for block in re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL) if "openssl" in block)
    subprocess.run(["bash", "-e", "-c", script], cwd=certificates, check=True, capture_output=True)
    settings = {
        "distributed.comm.require-encryption": True,
        "distributed.comm.tls.ca-file": str(certificates / "ca.pem"),
    }
    for role in ("scheduler", "worker", "client"):
        settings[f"distributed.comm.tls.{role}.cert"] = str(certificates / "cert.pem")
        settings[f"distributed.comm.tls.{role}.key"] = str(certificates / "key.pem")
    with dask.config.set(settings):
        security = distributed.Security()
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, security=security, protocol="tls://", host="127.0.0.1",
        dashboard_address=None, local_directory=str(tmp_path / "dask"), silence_logs="CRITICAL",
    ) as cluster:  # fmt: skip
        assert cluster.scheduler_address.startswith("tls://")
        with pytest.raises(UsageError, match="no scheduler answers"):
            DaskPool(cluster.scheduler_address, course.modules, MakeStandIn(), "", patience=2)
        with dask.config.set(settings):
            pool = DaskPool(cluster.scheduler_address, course.modules, MakeStandIn(), "")
        assert grade(course, forks(tmp_path, 2), store_path, pool) == expected(2)


def test_a_parcel_holds_no_solution(course: Course, tmp_path: Path) -> None:
    write(
        course.root, {"s1_basics/m01_add/hidden/wrong/minus/add.py": "x\n", "s1_basics/m01_add/hidden/data.txt": "x\n"}
    )
    parcel = Parcel.of(course.module("m01"))
    assert set(parcel.files) == {"module.toml", "hidden/test_add.py", "hidden/data.txt"}


@pytest.mark.parametrize(
    ("address", "warned"),
    [("tcp://10.0.0.1:8786", True), ("tls://10.0.0.1:8786", False), ("tcp://127.0.0.1:8786", False)],
)
def test_an_open_scheduler_is_warned_of(address: str, warned: bool) -> None:
    assert bool(warning(address)) is warned
