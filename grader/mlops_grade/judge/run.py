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
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache, partial
from importlib import metadata
from pathlib import Path
from typing import Any

import mlops_grade
from mlops_grade.course.discovery import Module
from mlops_grade.course.sealing import SuiteLocked, is_open, opened_folder, suite_digest
from mlops_grade.course.submission import Submission, with_provided
from mlops_grade.errors import GraderError, MachineTooBusy, UsageError
from mlops_grade.judge.causes import told_once
from mlops_grade.judge.patience import Patience
from mlops_grade.student import isolation, wire
from mlops_grade.student.channel import anonymous_file, close_all
from mlops_grade.student.isolation import Tier
from mlops_grade.student.launch import ServerProcess, start_parent
from mlops_grade.verdict import Check, Frame, ModuleVerdict, Outcome, Provenance, module_outcome

RECORDED_LIBRARIES = ("torch", "numpy", "pytest", "pytorch-lightning", "fastapi", "hydra-core", "scikit-learn")
DEFAULT_SEED = 1

Listener = Callable[[Module, dict[str, Any]], None]


@dataclass(frozen=True)
class RunOptions:
    """How to judge. `isolation` forces a tier, `require_isolation` refuses weaker ones."""

    seed: int = DEFAULT_SEED
    timeout: float | None = None
    start: str = "fork"
    isolation: Tier | None = None
    require_isolation: Tier | None = None
    fail_fast: bool = False


@dataclass(frozen=True)
class Part:
    """Which checks to run: those of these names (all for none), and whether to stop at the first that fails."""

    only: tuple[str, ...] = ()
    stop_early: bool = False


WHOLE = Part()
UNTIL_NOTICED = Part(stop_early=True)


@dataclass
class _Events:
    """What a judging process has reported so far."""

    expected: list[dict[str, Any]] = field(default_factory=list)
    checks: dict[str, dict[str, Any]] = field(default_factory=dict)
    error: str = ""
    pid: int = 0
    cpu: float | None = None
    waited: float = 0.0
    busy: bool = False  # nothing can be said of the work: the machine gave it no time
    device: str = ""  # that the suite chose, if it asked for one


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
        preload = ["mlops_grade.judge.plugin", "mlops_course", "numpy", *self._preload]
        environment = {
            **os.environ,
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
            events = _Events(error=absent)
            return self._verdict(module, submission, seed, Outcome.NOT_RUN, started, suite, (), events)
        events = self._attempt(module, submission, seed, listener, part)
        lost = events.error.startswith(LOST) and not events.busy
        if lost and not self._closed:  # a killed warm parent is no reason to give up
            events = self._attempt(module, submission, seed, listener, part)
        checks = tuple(told_once(self._checks(module, events, self.options.fail_fast or part.stop_early)))
        outcome = Outcome.GRADER_ERROR if events.error else module_outcome(checks)
        return self._verdict(module, submission, seed, outcome, started, suite, checks, events)

    def _attempt(
        self, module: Module, submission: Submission, seed: int, listener: Listener | None, part: Part
    ) -> _Events:
        try:
            return self._run(module, submission, seed, listener, part)
        except GraderError as error:
            return _Events(error=f"{LOST}{error}", busy=isinstance(error, MachineTooBusy))

    def _run(self, module: Module, submission: Submission, seed: int, listener: Listener | None, part: Part) -> _Events:
        timeout = self.options.timeout or module.settings.timeout
        spawn = self.options.start == "spawn"
        parent = None if spawn else self._parent(module.settings.preload)  # before the tier, which is then known
        tier = self.tier
        if tier is not Tier.LIMITS and module.hidden.is_dir() and isolation.shows(module.hidden):
            raise GraderError(f"student code could read {module.hidden}: move the course out of the system's folders")
        client = parent.client() if parent is not None else None
        server = self._start_judge(once=True) if spawn else self._judge_server()
        if spawn:
            server.ready()
        read, write = os.pipe()
        log = anonymous_file(b"")
        problems = {problem.path: problem.reason for problem in submission.problems}
        files = anonymous_file(wire.encode({"files": with_provided(submission, module), "problems": problems}))
        private = "" if tier is Tier.NAMESPACES else self._private
        hidden = module.hidden if is_open(module) else opened_folder(module, Path(self._private))
        job = {
            "module": module.id, "hidden": str(hidden), "seed": seed,
            "timeout": timeout, "memory": module.settings.memory, "tier": str(tier), "private": private,
            "fail_fast": self.options.fail_fast or part.stop_early, "only": list(part.only),
        }  # fmt: skip
        try:
            server.start(job, (write, files, log, *([client.fileno()] if client else [])))
        except BaseException:
            os.close(read)
            raise
        finally:
            close_all([write, files])
            if client is not None:
                client.close()
        try:
            return self._follow(module, read, log, timeout, listener)
        finally:
            close_all([read, log])
            if spawn:
                server.close()

    def _follow(self, module: Module, read: int, log: int, timeout: float, listener: Listener | None) -> _Events:
        """Read events until the judging process ends or is far too late: its own waits are bounded by `timeout`."""
        events = _Events()
        patience = Patience(timeout)
        try:
            for line in _lines(read, lambda: patience.left(events.pid)):
                event = json.loads(line)
                patience.heard(events.pid)
                if event["event"] == "alive":
                    continue
                self._take(events, event)
                if listener is not None:
                    listener(module, event)
        except GraderError as error:
            self._end(events)
            events.error = events.error or str(error)
            events.busy = isinstance(error, MachineTooBusy)
        finally:
            with self._lock:
                self._running.discard(events.pid)
        if events.cpu is None and not events.error:
            printed = os.pread(log, 2000, max(0, os.fstat(log).st_size - 2000)).decode(errors="replace").strip()
            events.error = f"{LOST}the judging process ended before its end: {printed or 'it printed nothing'}"
        if not events.expected and not events.error:
            events.error = "the hidden suite has no checks"
        return events

    def _take(self, events: _Events, event: dict[str, Any]) -> None:
        match event["event"]:
            case "pid":
                events.pid = event["pid"]
                with self._lock:
                    self._running.add(events.pid)
            case "collected":
                events.expected = event["checks"]
            case "check":
                events.checks[event["name"]] = event
            case "error":
                events.error = events.error or event["message"]
            case "device":
                events.device = event["device"]
            case "done":
                events.cpu, events.waited = event["cpu"], event["waited"]

    def _end(self, events: _Events) -> None:
        if events.pid:
            _kill(events.pid)

    def _checks(self, module: Module, events: _Events, stop_early: bool) -> Iterator[Check]:
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
        events: _Events,
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


def _without_errors(start: Callable[[], object]) -> None:
    """What fails here fails again, and is told, when it is needed."""
    with contextlib.suppress(GraderError, UsageError):
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
    lacking = []
    for need in module.settings.needs:
        kind, _, name = need.partition(":")
        if kind == "gpu" and device_name() == "cpu":
            lacking.append("a GPU")
        elif kind == "command" and shutil.which(name, path=isolation.surroundings().command_path) is None:
            lacking.append(f"the command {name}")
        elif kind == "package" and not installed(name):
            from mlops_grade.judge.extras import extra_with

            extra = extra_with(name)
            remedy = f" (pip install 'mlops-course[{extra}]')" if extra else ""
            lacking.append(f"the package {name}{remedy}")
    return f"needs {' and '.join(lacking)}" if lacking else ""


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
