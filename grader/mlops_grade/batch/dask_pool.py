"""Grading on a Dask cluster. Suites and submissions travel as bytes: a worker needs mlops-grade, not the course.

Whoever reaches a Dask scheduler can run code on its workers: anywhere but on one's own machine it has to be TLS.
Certificates come from Dask's own configuration (`distributed.comm.tls`); docs/cluster.md shows how.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from distributed import Client, Worker, get_worker
from distributed.diagnostics.plugin import WorkerPlugin

from mlops_grade.course.discovery import Course, Module, load_course
from mlops_grade.course.environment import environment_digest
from mlops_grade.course.sealing import suite_files
from mlops_grade.course.submission import Problem, Submission, provided_files
from mlops_grade.errors import GraderError, UsageError
from mlops_grade.judge.grader import Grader, RunOptions
from mlops_grade.verdict import ModuleVerdict

ATTRIBUTE = "mlops_grader"


class GraderLike(Protocol):
    """The part of `mlops_grade.judge.grader.Grader` that a worker needs."""

    def grade(self, module: Module, submission: Submission) -> ModuleVerdict: ...

    def __enter__(self) -> Any: ...

    def __exit__(self, *exception: Any) -> Any: ...


MakeGrader = Callable[[Course, int], GraderLike]


@dataclass(frozen=True)
class WarmGrader:
    """Makes the real grader in a worker process."""

    options: RunOptions

    def __call__(self, course: Course, jobs: int) -> GraderLike:
        return Grader(course, self.options, jobs)


@dataclass(frozen=True)
class Parcel:
    """A module as a worker needs it: its settings, its suite and its given files, and no solution."""

    folder: str
    files: dict[str, bytes]

    @classmethod
    def of(cls, module: Module) -> Parcel:
        files = {f"hidden/{path}": data for path, data in suite_files(module).items()}
        files |= provided_files(module)
        files["module.toml"] = (module.path / "module.toml").read_bytes()
        return cls(module.folder, files)

    def unpack(self, root: Path) -> None:
        for path, data in self.files.items():
            file = root / self.folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)


@dataclass(frozen=True)
class _Bench:
    """What one worker process holds: the course as unpacked there, and its warm grader."""

    root: Path
    course: Course
    grader: GraderLike


class GraderPlugin(WorkerPlugin):
    """Sets up one warm grader in each worker process, also in those that join later."""

    name = "mlops-grade"

    def __init__(self, parcels: tuple[Parcel, ...], make_grader: MakeGrader, environment: str) -> None:
        self.parcels = parcels
        self.make_grader = make_grader
        self.environment = environment

    def setup(self, worker: Worker) -> None:
        if self.environment and environment_digest() != self.environment:
            raise RuntimeError(
                f"the worker {worker.address} has other versions of Python, of the libraries or of mlops-grade than "
                "the driver: verdicts would not be comparable. Install the same constraints on both."
            )
        root = Path(tempfile.mkdtemp(prefix="course-", dir=worker.local_directory))
        root.chmod(0o700)
        for parcel in self.parcels:
            parcel.unpack(root)
        course = load_course(root)
        grader = self.make_grader(course, worker.state.nthreads)
        setattr(worker, ATTRIBUTE, _Bench(root, course, grader.__enter__()))

    def teardown(self, worker: Worker) -> None:
        bench = getattr(worker, ATTRIBUTE, None)
        if bench is not None:
            bench.grader.__exit__(None, None, None)
            shutil.rmtree(bench.root, ignore_errors=True)


def grade_on_worker(module: str, files: dict[str, bytes], problems: tuple[Problem, ...], source: str) -> ModuleVerdict:
    """The task: grade in the process that runs it."""
    bench: _Bench = getattr(get_worker(), ATTRIBUTE)
    return bench.grader.grade(bench.course.module(module), Submission(files, problems, source))


class DaskPool:
    """The workers of a Dask cluster, as they come and go."""

    def __init__(
        self,
        address: str,
        modules: tuple[Module, ...],
        make_grader: MakeGrader,
        environment: str,
        patience: float = 20,
    ) -> None:
        connect: Any = Client  # untyped upstream
        try:
            self._client = connect(address, timeout=patience, set_as_default=False)
        except (OSError, TypeError, ValueError) as error:
            raise UsageError(f"--dask {address}: no scheduler answers there ({error})") from None
        try:
            self._client.register_plugin(GraderPlugin(tuple(map(Parcel.of, modules)), make_grader, environment))
        except Exception as error:
            self._client.close()
            raise GraderError(f"--dask {address}: a worker cannot be set up: {error}") from error
        # A task whose worker dies goes to another one; one that kills worker after worker is given up.
        self._plain: Executor = self._client.get_executor(pure=False, retries=0)
        self._gpu: Executor = self._client.get_executor(pure=False, retries=0, resources={"GPU": 1})

    @property
    def slots(self) -> int:
        return max(1, sum(int(worker["nthreads"]) for worker in self._workers()))

    def _workers(self) -> list[dict[str, Any]]:
        return list(self._client.scheduler_info(n_workers=-1)["workers"].values())

    def _has_gpu(self) -> bool:
        return any(worker.get("resources", {}).get("GPU") for worker in self._workers())

    def submit(self, module: Module, submission: Submission) -> Future[ModuleVerdict]:
        # Without a GPU anywhere the module is sent all the same: its verdict then says "not run", and why.
        executor = self._gpu if "gpu" in module.settings.needs and self._has_gpu() else self._plain
        future: Future[ModuleVerdict] = executor.submit(
            grade_on_worker, module.id, dict(submission.files), submission.problems, submission.source
        )
        return future

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for executor in (self._plain, self._gpu):
            executor.shutdown(wait=False)  # drops what has not come to its end
        self._client.unregister_worker_plugin(GraderPlugin.name)
        self._client.close()


def warning(address: str) -> str:
    """What to tell somebody who names this address; empty when there is nothing to say."""
    host = address.rpartition("://")[2].rsplit(":", 1)[0]
    if address.startswith("tls://") or host in ("127.0.0.1", "localhost", "[::1]") or not address:
        return ""
    return (
        f"{address} is not TLS: anyone who reaches that scheduler can run programs on its workers and read the hidden "
        "suites. docs/cluster.md says how to set up certificates."
    )
