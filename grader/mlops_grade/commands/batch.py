"""What `mlops-grade batch`, `explain` and `replay` do, from words to the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from rich.console import Console

from mlops_grade.batch import dates, defend
from mlops_grade.batch.cohort import Cohort, load_cohort
from mlops_grade.batch.gradebook import terminal
from mlops_grade.batch.gradebook.book import Gradebook
from mlops_grade.batch.gradebook.changes import changes_since_last, remember
from mlops_grade.batch.gradebook.write import write_reports
from mlops_grade.batch.progress import display
from mlops_grade.batch.quality import check_quality, duplicates
from mlops_grade.batch.rules import fitted
from mlops_grade.batch.run import Batch, BatchOptions
from mlops_grade.batch.schedule import LocalPool, Pool
from mlops_grade.batch.similarity import export
from mlops_grade.batch.store import Store
from mlops_grade.batch.student import Student
from mlops_grade.course.discovery import Course, Module, find_root, load_course
from mlops_grade.course.extras import installing
from mlops_grade.errors import UsageError
from mlops_grade.judge.grader import Grader, RunOptions
from mlops_grade.student.isolation import Tier
from mlops_grade.verdict import ExitCode

STATE = ".mlops-grade"
STORE = "verdicts.sqlite"


@dataclass(frozen=True)
class Request:
    """What was asked for on the command line."""

    cohort: Path
    what: tuple[str, ...] = ()
    store: Path | None = None
    report: Path = Path("report")
    pattern: str | None = None
    before: str | None = None
    dated: Literal["committed", "collected"] = "committed"
    fetch: bool = True
    again: bool = False
    dask: str | None = None
    jobs: int | None = None
    seed: int | None = None
    timeout: float | None = None
    require_isolation: Tier | None = None
    export: Path | None = None


def batch(request: Request, console: Console | None = None) -> int:
    """Grade a cohort and write the gradebook; gives the exit status."""
    console = console or Console(highlight=False)
    course = load_course(find_root())
    modules = course.resolve(list(request.what))
    cohort = fitted(load_cohort(request.cohort, request.pattern), course)
    for remark in cohort.remarks:
        console.print(remark, style="yellow", markup=False, soft_wrap=True)
    with Store(store_path(cohort, request.store)) as store:
        progress = display(console)
        try:
            seed = store.seed(cohort.name) if request.seed is None else request.seed
            work = Batch(course, cohort, store, _options(request, modules, seed, cohort.settings.zone), progress)
            tally = work.run(_pool(request, course, work.options, console))
        finally:
            progress.close()
        book = Gradebook(cohort, course.modules, store)
        quality, equal = check_quality(book), duplicates(book)
        written = write_reports(book, quality, equal, request.report, changes_since_last(book, store))
        remember(book, store)
        if request.export:
            export(course, work.touched(), request.export)
            written.places["for comparison"] = request.export
        console.print(terminal.summary(book, quality, equal))
        console.print(str(tally), markup=False)
        for name, place in written.places.items():
            console.print(f"  {name}: {place}", markup=False, soft_wrap=True)
        for remark in written.remarks:
            console.print(remark, style="yellow", markup=False, soft_wrap=True)
        return ExitCode.GRADER_ERROR if book.grader_errors(modules) else ExitCode.PASSED


def explain(cohort: Path, store: Path | None, pattern: str | None, student: str, module: str) -> int:
    """Show one verdict with what it rests on."""
    with _opened(cohort, store, pattern, student, module) as opened:
        found = defend.explain(opened.book, opened.store, opened.student, opened.module)
        Console(highlight=False).print(terminal.explained(found))
    return ExitCode.PASSED


def replay(cohort: Path, store: Path | None, pattern: str | None, student: str, module: str) -> int:
    """Reach one verdict again; the exit status says whether it is the same."""
    with _opened(cohort, store, pattern, student, module) as opened:
        found = defend.explain(opened.book, opened.store, opened.student, opened.module)
        options = parse_limits(found.key.limits, found.key.seed)
        with Grader((opened.module,), options, jobs=1) as grader:
            result = defend.replay(found, opened.store, opened.module, grader.grade)
        Console(highlight=False).print(terminal.replayed(result, defend.environment_changed(found)))
    return ExitCode.PASSED if result.agrees else ExitCode.NOT_PASSED


def store_path(cohort: Cohort, named: Path | None) -> Path:
    """The store that was named, or the cohort's own."""
    return named or cohort.place / STATE / STORE


def parse_limits(limits: str, seed: int) -> RunOptions:
    """The run's options from the limits in a verdict's key."""
    words = dict(word.split("=", 1) for word in limits.split())
    tier = words.get("tier")
    required = Tier(tier) if tier else None
    return RunOptions(seed=seed, timeout=float(words["timeout"]), require_isolation=required, strangers=True)


def _options(request: Request, modules: tuple[Module, ...], seed: int, zone: ZoneInfo) -> BatchOptions:
    try:
        before = dates.moment(dates.read(request.before), zone) if request.before else None
    except ValueError as error:
        raise UsageError(f"--before {request.before}: {error}") from None
    return BatchOptions(
        modules,
        seed=seed,
        timeout=request.timeout,
        limits=f"tier={request.require_isolation.value}" if request.require_isolation else "",
        before=before,
        dated=request.dated,
        fetch=request.fetch,
        again=request.again,
    )


@contextmanager
def _pool(request: Request, course: Course, chosen: BatchOptions, console: Console) -> Iterator[Pool]:
    """This machine or the cluster, with warm graders; nothing is started before it is needed."""
    modules = chosen.modules
    required = request.require_isolation
    options = RunOptions(chosen.seed, request.timeout, require_isolation=required, strangers=True)
    if request.dask is None:
        with Grader(modules, options, request.jobs) as grader, LocalPool(grader.grade, request.jobs) as local:
            yield local
        return
    try:
        from mlops_grade.batch import dask_pool
    except ImportError:
        raise UsageError(f"--dask needs Dask: {installing('cluster')}") from None
    if warning := dask_pool.warning(request.dask):
        console.print(warning, style="yellow", markup=False, soft_wrap=True)
    with dask_pool.DaskPool(request.dask, modules, dask_pool.WarmGrader(options), chosen.environment) as cluster:
        yield cluster


@dataclass(frozen=True)
class _Opened:
    store: Store
    book: Gradebook
    student: Student
    module: Module


@contextmanager
def _opened(place: Path, named: Path | None, pattern: str | None, student: str, module: str) -> Iterator[_Opened]:
    chosen = load_course(find_root()).module(module)
    with opened_book(place, named, pattern) as (book, store):
        yield _Opened(store, book, book.cohort.student(student), chosen)


@contextmanager
def opened_book(place: Path, named: Path | None, pattern: str | None) -> Iterator[tuple[Gradebook, Store]]:
    """The gradebook of a cohort that was graded before. Raises UsageError where it was not."""
    course = load_course(find_root())
    cohort = fitted(load_cohort(place, pattern), course)
    file = store_path(cohort, named)
    if not file.is_file():
        raise UsageError(f"{file} is not there: run `mlops-grade batch {place}` first, or name the store with --store")
    with Store(file) as store:
        yield Gradebook(cohort, course.modules, store), store
