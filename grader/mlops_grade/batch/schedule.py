"""Where suites run: this machine's cores, or the workers of a Dask cluster. Both are `concurrent.futures` executors."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from types import TracebackType
from typing import Protocol, Self

from mlops_grade.course.discovery import Module
from mlops_grade.course.submission import Submission
from mlops_grade.verdict import ModuleVerdict

Grade = Callable[[Module, Submission], ModuleVerdict]


class Pool(Protocol):
    """Something that grades one module of one submission at a time in each of `slots` places."""

    @property
    def slots(self) -> int: ...

    def submit(self, module: Module, submission: Submission) -> Future[ModuleVerdict]: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class LocalPool:
    """This machine: one thread a slot, each waiting for a warm worker process of the grader."""

    def __init__(self, grade: Grade, slots: int | None = None) -> None:
        self.slots = slots or os.cpu_count() or 1
        self._grade = grade
        self._executor: Executor = ThreadPoolExecutor(self.slots, thread_name_prefix="grade")

    def submit(self, module: Module, submission: Submission) -> Future[ModuleVerdict]:
        return self._executor.submit(self._grade, module, submission)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._executor.shutdown(wait=kind is None, cancel_futures=True)
