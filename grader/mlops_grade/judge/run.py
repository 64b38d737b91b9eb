"""Have one suite judge one submission: start the judging process, follow what it reports, make the verdict.

The list of checks is the suite's own, told before the first one runs. A check that did not report is not passed; how a
process ended is never a verdict.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import platform
import selectors
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib import metadata
from pathlib import Path
from typing import Any

import mlops_grade
from mlops_grade.course.discovery import Module
from mlops_grade.course.extras import extra_with, installing
from mlops_grade.course.sealing import SuiteLocked, is_open, opened_folder, suite_digest
from mlops_grade.course.submission import Submission, with_provided
from mlops_grade.errors import GraderError, MachineTooBusy, UsageError
from mlops_grade.judge.causes import told_once
from mlops_grade.judge.events import Events, stopped
from mlops_grade.judge.foreign_text import with_foreign_text_named
from mlops_grade.judge.patience import BusyWithAValue, Patience
from mlops_grade.machine import DEFAULT_START
from mlops_grade.student import isolation, wire
from mlops_grade.student.channel import anonymous_file, close_all
from mlops_grade.student.isolation import Tier
from mlops_grade.student.jail import Limits
from mlops_grade.student.launch import OneForEachPod, ServerProcess, start_parent
from mlops_grade.student.shortage import of_this_machine, take_what_grading_takes
from mlops_grade.verdict import Check, Frame, ModuleVerdict, Outcome, Provenance, module_outcome

RECORDED_LIBRARIES = ("torch", "numpy", "pytest", "pytorch-lightning", "fastapi", "hydra-core", "scikit-learn")
DEFAULT_SEED = 1
ROOT_AND_STRANGERS = (
    "as root, the work of others is not graded in the tier limits, and no better one works here: their code could read "
    "the suites and each other's work, and may end whatever runs on this machine"
)
ROOT_AND_STRANGERS_REMEDY = (
    "Grade as another user, or where `mlops-grade doctor` finds a better tier. On a machine that may be lost, "
    "--require-isolation limits says that you know"
)
MAX_REPLACED = 3  # judging processes that one submission's values may stop

Listener = Callable[[Module, dict[str, Any]], None]


@dataclass(frozen=True)
class RunOptions:
    """How to judge. `isolation` forces a tier, `require_isolation` refuses weaker ones.

    Where nothing is required, root refuses to run the work of `strangers` in the tier `limits`.
    """

    seed: int = DEFAULT_SEED
    timeout: float | None = None
    start: str = DEFAULT_START
    isolation: Tier | None = None
    require_isolation: Tier | None = None
    fail_fast: bool = False
    strangers: bool = False  # the work is another's than whoever grades


@dataclass(frozen=True)
class Part:
    """Which checks to run: those of these names (all for none), and whether to stop at the first that fails."""

    only: tuple[str, ...] = ()
    stop_early: bool = False


WHOLE = Part()
UNTIL_NOTICED = Part(stop_early=True)


class Judge:
    """Owns the warm processes and judges with them; may be used from several threads. Close it at the end."""

    def __init__(self, options: RunOptions, preload: tuple[str, ...] = ()) -> None:
        self.options = options
        self._preload = [name for name in preload if name in ("torch", "pandas", "scipy", "fastapi")]
        self._lock = threading.Lock()
        self._judge_lock = threading.Lock()
        self._judge: ServerProcess | None = None
        self._parents: dict[tuple[str, ...], ServerProcess] = {}
        self._starting: dict[tuple[str, ...], threading.Lock] = {}
        self._tier: Tier | None = None
        self.trouble = ""  # why a better tier than this could not be started
        self._made_private: str | None = None
        self._running: set[int] = set()
        self._closed = False

    def close(self) -> None:
        """End every process, whatever it does."""
        with self._lock:
            self._closed = True
            servers = [*self._parents.values(), *([self._judge] if self._judge else [])]
            self._parents, self._judge = {}, None
            for pid in self._running:
                _kill(pid)
        for server in servers:
            server.hang_up()  # all first: to take a large process down takes its time
        for server in servers:
            server.close()
        if self._made_private is not None:
            shutil.rmtree(self._made_private, ignore_errors=True)

    @property
    def _private(self) -> str:
        """A folder of our own, made by the first who needs it: a killed run then leaves none where none was needed."""
        with self._lock:
            if self._made_private is None:
                self._made_private = isolation.private_folder()
            return self._made_private

    # ------------------------------------------------------------------------------------------- warm processes

    @property
    def tier(self) -> Tier:
        """The isolation tier that this machine really gives. Raises UsageError when a better one is required."""
        if self._tier is None:
            self._parent(())
        assert self._tier is not None
        return self._tier

    def warm_up(self, modules: Iterable[Module]) -> None:
        """Start what judging these modules needs, ahead of their turn, in the background and side by side."""
        preloads = dict.fromkeys(module.settings.preload for module in modules)
        starts = [self._judge_server, *(partial(self._parent, preload) for preload in preloads)]
        if self.options.start == "spawn":  # nothing warm is used but to see which tier there is
            starts = [partial(self._parent, ())]
        for start in starts:
            threading.Thread(target=_without_errors, args=(start,), daemon=True).start()

    def _judge_server(self) -> ServerProcess:
        with self._judge_lock:
            if self._judge is None or not self._judge.alive:
                server = self._start_judge(once=False)
                server.ready()
                with self._lock:
                    self._refuse_when_closed(server)
                    self._judge = server
            return self._judge

    def _refuse_when_closed(self, server: ServerProcess) -> None:
        if self._closed:
            server.close()
            raise GraderError("the grader is being ended")

    def _start_judge(self, once: bool) -> ServerProcess:
        preload = ["mlops_grade.judge.plugin", "mlops_course", "numpy.random", *self._preload]
        environment = {
            **os.environ,
            **isolation.TELEMETRY_OFF,
            "OMP_NUM_THREADS": "1",
            "PYTORCH_NVML_BASED_CUDA_CHECK": "1",
            "PYTHONHASHSEED": "0",
        }
        greeting = {"preload": preload, "once": once}
        return ServerProcess("mlops_grade.judge.process", greeting, environment)

    def _parent(self, preload: tuple[str, ...]) -> ServerProcess:
        """The warm parent for a preload list, started when there is none (any more)."""
        with self._lock:
            lock = self._starting.setdefault(preload, threading.Lock())
        with lock:
            server = self._parents.get(preload)
            if server is None or not server.alive:
                server = self._start_parent(preload)
                with self._lock:
                    self._refuse_when_closed(server)
                    self._parents[preload] = server
            return server

    def _start_parent(self, preload: tuple[str, ...]) -> ServerProcess:
        wanted = self._tier or self.options.isolation
        tiers = [wanted] if wanted else isolation.possible_tiers()
        trouble = ""
        for tier in tiers:
            required = self.options.require_isolation
            if required is not None and tier.rank < required.rank:
                reason = trouble or isolation.missing_for(required) or f"only {tier} works here"
                raise UsageError(f"--require-isolation {required}: {reason}. `mlops-grade doctor` says more.")
            if tier is Tier.LIMITS and wanted is None and self.options.strangers and required is None and _is_root():
                reason = trouble or isolation.missing_for(Tier.LANDLOCK)
                raise UsageError(f"{ROOT_AND_STRANGERS} ({reason}). {ROOT_AND_STRANGERS_REMEDY}")
            try:
                private = "" if tier is Tier.NAMESPACES else self._private
                server = start_parent(tier, list(preload), private)
                server.ready()
            except GraderError as error:
                trouble = trouble or f"{tier}: {error}"
                continue
            self._tier, self.trouble = tier, trouble
            return server
        raise GraderError(f"no isolation tier could be started ({trouble})")

    # -------------------------------------------------------------------------------------------------- judging

    def judge(
        self,
        module: Module,
        submission: Submission,
        seed: int | None = None,
        listener: Listener | None = None,
        part: Part = WHOLE,
    ) -> ModuleVerdict:
        """The verdict on one module. What goes wrong on our side is in the verdict, not raised.

        Raises UsageError for a course or an option that cannot be used.
        """
        seed = self.options.seed if seed is None else seed
        started = time.monotonic()
        absent = missing_needs(module)
        try:
            suite = suite_digest(module)
        except SuiteLocked as locked:
            absent, suite = absent or str(locked), "sealed"
        if absent:
            events = Events(error=absent)
            return self._verdict(module, submission, seed, Outcome.NOT_RUN, started, suite, (), events)
        events = self._every_check(module, submission, seed, listener, part)
        checks = tuple(told_once(self._checks(module, events, self.options.fail_fast or part.stop_early)))
        checks = with_foreign_text_named(checks, submission)
        outcome = Outcome.GRADER_ERROR if events.error else module_outcome(checks)
        return self._verdict(module, submission, seed, outcome, started, suite, checks, events)

    def _every_check(
        self, module: Module, submission: Submission, seed: int, listener: Listener | None, part: Part
    ) -> Events:
        """What the suite reports; a judging process that a student's value has stopped is replaced for what is left."""
        events = self._attempt(module, submission, seed, listener, part)
        if (
            events.error.startswith(LOST) and not events.busy and not self._closed
        ):  # a killed warm parent is no reason to give up
            events = self._attempt(module, submission, seed, listener, part, again=True)
        for _ in range(MAX_REPLACED):
            if not events.stopped_over or not events.left or self._closed or part.stop_early or self.options.fail_fast:
                return events
            rest = Part(events.left, part.stop_early)
            events.go_on(self._attempt(module, submission, seed, listener, rest, again=True))
        for name in events.left if events.stopped_over else ():
            events.checks[name] = stopped(
                name, "timeout", "not run: what your code gave back stopped the checks before"
            )
        return events

    def _attempt(
        self,
        module: Module,
        submission: Submission,
        seed: int,
        listener: Listener | None,
        part: Part,
        again: bool = False,
    ) -> Events:
        try:
            return self._run(module, submission, seed, listener, part, again)
        except GraderError as error:
            return Events(error=f"{LOST}{error}", busy=isinstance(error, MachineTooBusy))

    def _run(
        self,
        module: Module,
        submission: Submission,
        seed: int,
        listener: Listener | None,
        part: Part,
        again: bool,
    ) -> Events:
        take_what_grading_takes(Limits())
        timeout = self.options.timeout or module.settings.timeout
        spawn = self.options.start == "spawn"
        parent = None if spawn else self._parent(module.settings.preload)  # before the tier, which is then known
        tier = self.tier
        if tier is not Tier.LIMITS and module.hidden.is_dir() and isolation.shows(module.hidden):
            raise GraderError(f"student code could read {module.hidden}: move the course out of the system's folders")
        single = None if parent is not None else OneForEachPod(tier, "" if tier is Tier.NAMESPACES else self._private)
        try:
            server = self._start_judge(once=True) if single is not None else self._judge_server()
            if single is not None:
                server.ready()
            with self._folder() as folder, of_this_machine("a judge could not be started"):
                read, write = os.pipe()
                log = anonymous_file(b"")
                problems = {problem.path: problem.reason for problem in submission.problems}
                files = anonymous_file(wire.encode({"files": with_provided(submission, module), "problems": problems}))
                hidden = module.hidden if is_open(module) else opened_folder(module, Path(self._private))
                job = {
                    "module": module.id, "hidden": str(hidden), "seed": seed, "folder": folder, "timeout": timeout,
                    "memory": module.settings.memory, "fail_fast": self.options.fail_fast or part.stop_early,
                    # Only where no process of a check can reach the pod of another.
                    "ahead": parent is not None and tier is Tier.NAMESPACES, "only": list(part.only),
                    "preload": [] if parent is not None else list(module.settings.preload),
                }  # fmt: skip
                client = parent.client() if parent is not None else single.client() if single is not None else None
                assert client is not None
                try:
                    server.start(job, (write, files, log, client.fileno()))
                except BaseException:
                    os.close(read)
                    raise
                finally:
                    close_all([write, files])
                    client.close()
                try:
                    return self._follow(module, read, log, timeout, listener, again)
                finally:
                    close_all([read, log])
        finally:
            if single is not None:
                server.close()
                single.close()

    @contextlib.contextmanager
    def _folder(self) -> Iterator[str]:
        """A judging process's own folder: it works in it, and keeps its temporary files there."""
        with of_this_machine("no folder for a judge could be made"):
            folder = tempfile.mkdtemp(dir=self._private)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _follow(
        self, module: Module, read: int, log: int, timeout: float, listener: Listener | None, again: bool
    ) -> Events:
        """Read events until the judging process ends or is far too late: its own waits are bounded by `timeout`."""
        events = Events()
        patience = Patience(timeout)

        def tell(event: dict[str, Any]) -> None:
            self._take(events, event)
            if listener is not None and event["event"] not in ("alive", "asked"):
                listener(module, event)

        try:
            for line in _lines(read, lambda: patience.left(events.pid, bool(events.running and events.asked))):
                patience.heard(events.pid)
                tell(json.loads(line))
        except BusyWithAValue:
            self._end(events)
            tell(self._stop(events, "timeout", "the checks did not get to an end with what your code gave back"))
        except GraderError as error:
            self._end(events)
            events.error = events.error or str(error)
            events.busy = isinstance(error, MachineTooBusy)
        finally:
            with self._lock:
                self._running.discard(events.pid)
        if events.cpu is None and not events.error and not events.stopped_over:
            if again and events.running and events.asked:  # twice over the same: no accident
                tell(self._stop(events, "died", "what your code gave back ended the process that checks it"))
            else:
                printed = os.pread(log, 2000, max(0, os.fstat(log).st_size - 2000)).decode(errors="replace").strip()
                events.error = f"{LOST}the judging process ended before its end: {printed or 'it printed nothing'}"
        if not events.expected and not events.error:
            events.error = "the hidden suite has no checks"
        return events

    def _stop(self, events: Events, reason: str, message: str) -> dict[str, Any]:
        events.stopped_over = events.running
        return stopped(events.running, reason, message)

    def _take(self, events: Events, event: dict[str, Any]) -> None:
        match event["event"]:
            case "pid":
                events.pid = event["pid"]
                with self._lock:
                    self._running.add(events.pid)
            case "collected":
                events.expected = event["checks"]
            case "started":
                events.running, events.asked = event["name"], False
            case "asked":
                events.asked = True
            case "check":
                events.checks[event["name"]] = event
                events.running = ""
            case "error":
                events.error = events.error or event["message"]
            case "device":
                events.device = event["device"]
            case "done":
                events.cpu, events.waited = event["cpu"], event["waited"]

    def _end(self, events: Events) -> None:
        if events.pid:
            _kill(events.pid)

    def _checks(self, module: Module, events: Events, stop_early: bool) -> Iterator[Check]:
        """One check for each that the suite announced, whether it reported or not."""
        stopped = any(event["outcome"] != Outcome.PASSED for event in events.checks.values())
        for expected in events.expected:
            name = expected["name"]
            weights = module.settings.weights
            points = weights.get(name, weights.get(name.partition("[")[0], 1.0))
            event = events.checks.get(name)
            if event is not None:
                fields = {key: value for key, value in event.items() if key not in ("event", "name")}
                fields["traceback"] = tuple(Frame(**frame) for frame in event.get("traceback", ()))
            elif stop_early and stopped:
                fields = {"outcome": Outcome.NOT_RUN, "message": "not run: an earlier check failed (--fail-fast)"}
            else:
                fields = {"outcome": Outcome.NOT_PASSED, "message": "this check did not report: something ended it"}
            yield Check(**{**expected, "points": points, **fields})

    def _verdict(
        self,
        module: Module,
        submission: Submission,
        seed: int,
        outcome: Outcome,
        started: float,
        suite: str,
        checks: tuple[Check, ...],
        events: Events,
    ) -> ModuleVerdict:
        provenance = Provenance(
            submission=submission.digest,
            suite=suite,
            grader=mlops_grade.__version__,
            python=platform.python_version(),
            libraries=recorded_versions(),
            device=events.device or device_name(),
            isolation=str(self._tier or ""),
            start=self.options.start,
            seed=seed,
            timeout=self.options.timeout or module.settings.timeout,
        )
        return ModuleVerdict(
            module=module.id,
            session=module.session,
            folder=module.folder,
            title=module.title,
            core=module.core,
            outcome=outcome,
            checks=checks,
            reason=events.error.removeprefix(LOST),
            notes=(*submission.notes, *(str(problem) for problem in submission.problems)),
            seconds=round(time.monotonic() - started, 3),
            cpu_seconds=round(events.cpu or 0.0, 3),
            waited_seconds=round(events.waited, 3),
            busy=events.busy or (not events.error and _only_busy(checks)),
            provenance=provenance,
        )


LOST = "lost: "


def _only_busy(checks: tuple[Check, ...]) -> bool:
    """Whether all that keeps us from a verdict is that the machine had no time for it."""
    reasons = {check.reason for check in checks if check.outcome is Outcome.GRADER_ERROR}
    return reasons == {"busy"}


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _without_errors(start: Callable[[], object]) -> None:
    """What fails here fails again, and is told, when it is needed."""
    with contextlib.suppress(GraderError, UsageError, OSError):
        start()


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _lines(descriptor: int, left: Callable[[], float]) -> Iterator[bytes]:
    """Whole lines of a pipe until its end; `left` says how long to wait for more, or raises."""
    pending = b""
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        while True:
            while not selector.select(left()):
                pass
            part = os.read(descriptor, 1 << 16)
            if not part:
                return
            *whole, pending = (pending + part).split(b"\n")
            yield from whole


def missing_needs(module: Module) -> str:
    """What a module needs and this machine lacks, in words; empty when nothing is missing."""
    lacking = ["a GPU" if kind == "gpu" else f"the {kind} {name}" for kind, name in _absent(module)]
    extras = missing_extras([module])
    remedy = f" ({installing(*extras)})" if extras else ""
    return f"needs {' and '.join(lacking)}{remedy}" if lacking else ""


def missing_extras(modules: Iterable[Module]) -> list[str]:
    """The extras that install what these modules need and this machine lacks, each once."""
    found = (extra_with(name) for module in modules for _, name in _absent(module))
    return list(dict.fromkeys(extra for extra in found if extra))


def _absent(module: Module) -> Iterator[tuple[str, str]]:
    """Kind and name of each need that this machine does not meet."""
    for need in module.settings.needs:
        kind, _, name = need.partition(":")
        if (
            (kind == "gpu" and device_name() == "cpu")
            or (kind == "command" and shutil.which(name, path=isolation.surroundings().command_path) is None)
            or (kind == "package" and not installed(name))
        ):
            yield kind, name


def installed(package: str) -> bool:
    """Whether a package is there, by its distribution's name or by the name it is imported by."""
    try:
        metadata.version(package)
    except metadata.PackageNotFoundError:
        return "-" not in package and importlib.util.find_spec(package.partition(".")[0]) is not None
    return True


@lru_cache(maxsize=1)
def device_name() -> str:
    """ "cuda" where an NVIDIA device is there for the judge to see, else "cpu"; torch is not imported for this."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES", "all")
    return "cuda" if visible not in ("", "-1") and os.path.exists("/dev/nvidiactl") else "cpu"


@lru_cache(maxsize=1)
def recorded_versions() -> dict[str, str]:
    versions = {}
    for name in RECORDED_LIBRARIES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions
