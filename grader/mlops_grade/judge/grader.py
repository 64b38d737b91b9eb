"""Grade modules of one submission: in order, in parallel, each verdict told as it comes."""

from __future__ import annotations

import datetime
import os
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

from mlops_grade.course.discovery import Course, Module
from mlops_grade.course.submission import Submission
from mlops_grade.judge.run import WHOLE, Judge, Listener, Part, RunOptions
from mlops_grade.verdict import ModuleVerdict, Report

__all__ = ["Grader", "RunOptions", "grade"]

Source = Callable[[Module], Submission]


class Grader:
    """Warm processes and a pool of threads that wait for them. Thread-safe; close it, or use it as a context."""

    def __init__(self, modules: Iterable[Module] | Course, options: RunOptions, jobs: int | None = None) -> None:
        modules = modules.modules if isinstance(modules, Course) else tuple(modules)
        preload = tuple(sorted({name for module in modules for name in module.settings.preload}))
        self.options = options
        self.judge = Judge(options, preload)
        self._pool = ThreadPoolExecutor(jobs or os.cpu_count() or 1, thread_name_prefix="grade")
        self._listener: Listener | None = None

    def __enter__(self) -> Grader:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End every process; work not yet begun is dropped."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self.judge.close()
        self._pool.shutdown(wait=True)

    def listen(self, listener: Listener | None) -> None:
        """Have every event of every run told, from the thread that follows it."""
        self._listener = listener

    def grade(
        self, module: Module, submission: Submission, seed: int | None = None, part: Part = WHOLE
    ) -> ModuleVerdict:
        """The verdict on one module, waited for; with `part`, what a part of its checks says."""
        return self.judge.judge(module, submission, seed, self._listener, part)

    def submit(
        self, module: Module, submission: Submission, seed: int | None = None, part: Part = WHOLE
    ) -> Future[ModuleVerdict]:
        """The verdict on one module, to come."""
        return self._pool.submit(self.grade, module, submission, seed, part)


def grade(
    grader: Grader,
    modules: Iterable[Module],
    source: Source,
    submission_name: str = "",
    on_verdict: Callable[[ModuleVerdict], None] | None = None,
) -> Report:
    """Grade modules side by side; verdicts are told in the course's order. KeyboardInterrupt ends the processes."""
    modules = list(modules)
    began = time.monotonic()
    started = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    grader.judge.warm_up(modules[:2])
    futures = [grader.submit(module, source(module)) for module in modules]
    verdicts = []
    for future in futures:
        verdicts.append(future.result())
        if on_verdict is not None:
            on_verdict(verdicts[-1])
    return Report(
        submission=submission_name,
        started=started,
        seconds=round(time.monotonic() - began, 3),
        verdicts=tuple(verdicts),
    )
