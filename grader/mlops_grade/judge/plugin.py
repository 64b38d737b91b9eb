"""The pytest plugin of the judge: the fixtures that suites use, and the record of what became of each check."""

from __future__ import annotations

import contextlib
import hashlib
import json
import random
import sys
import time
from collections.abc import Callable, Collection, Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlops_grade.judge.failure import (
    Comparison,
    Explanation,
    SuiteHangs,
    compared,
    explain,
    output_tail,
    with_todo,
    without_suite,
)
from mlops_grade.judge.fence import Fence
from mlops_grade.judge.printed import helpful
from mlops_grade.student.client import Pod
from mlops_grade.student.clock import Clock
from mlops_grade.suite import Inspector, Student
from mlops_grade.verdict import Outcome

#: Opens a pod without waiting until it is ready: its seed, whether it inspects, what to do when something is asked.
PodOpener = Callable[[int, bool, Callable[[], None]], Pod]


@dataclass
class _Record:
    """What is known so far of the check that runs."""

    started: float
    explanation: Explanation | None = None
    comparison: Comparison | None = None
    hint: str = ""  # of the mistake, where the suite has one
    excess: float | None = None  # of numbers that were compared, over what is allowed
    students: list[Student] = field(default_factory=list)
    inspectors: list[Inspector] = field(default_factory=list)
    asked: bool = False  # and it has been told: what the check holds now may be a student's value


class GradingPlugin:
    """Runs beside the suite in the judge; tells what happens, one JSON object a line."""

    def __init__(
        self,
        fence: Fence,
        seed: int,
        open_pod: PodOpener,
        missing: Callable[[str], str],
        emit: Callable[[dict[str, Any]], None],
        only: list[str],
        ahead: bool,
        clock: Clock,
    ) -> None:
        """`ahead`: start the next check's pod while a check runs."""
        self._ahead = ahead
        self._clock = clock
        self._next: pytest.Item | None = None
        self._waiting: dict[int, Pod] = {}  # started ahead, by seed
        self._only = frozenset(only)
        self._fence = fence
        self._seed = seed
        self._open_pod = open_pod
        self._missing = missing
        self._emit = emit
        self._record = _Record(0.0)
        self._shared: list[Student] = []
        self._shared_inspectors: list[Inspector] = []
        self.pending: set[str] = set()  # checks that have not reported yet

    # -------------------------------------------------------------------------------------------------- fixtures

    @pytest.fixture
    def student(self, request: pytest.FixtureRequest) -> Iterator[Student]:
        """A jail for this check alone."""
        with self._pod(self._seed_of(request.node.nodeid)) as pod:
            student = Student(pod, self._missing)
            self._record.students.append(student)
            yield student

    @pytest.fixture(scope="module")
    def shared_student(self) -> Iterator[Student]:
        """One jail for all checks of a file."""
        with self._pod(self._seed_of("shared")) as pod:
            student = Student(pod, self._missing)
            self._shared.append(student)
            yield student

    @pytest.fixture
    def inspector(self, request: pytest.FixtureRequest) -> Iterator[Inspector]:
        """A jail for this check alone, with the same files, in which no student code runs."""
        with self._pod(self._seed_of(f"{request.node.nodeid} inspector"), True) as pod:
            inspector = Inspector(pod, self._missing)
            self._record.inspectors.append(inspector)
            yield inspector

    @pytest.fixture(scope="module")
    def shared_inspector(self) -> Iterator[Inspector]:
        """One such jail for all checks of a file."""
        with self._pod(self._seed_of("shared inspector"), True) as pod:
            inspector = Inspector(pod, self._missing)
            self._shared_inspectors.append(inspector)
            yield inspector

    @contextlib.contextmanager
    def _pod(self, seed: int, inspects: bool = False) -> Iterator[Pod]:
        pod = self._waiting.pop(seed, None) or self._open_pod(seed, inspects, self._tell_asked)
        try:
            pod.await_ready()
            self._start_next()
            yield pod
        finally:
            pod.close()

    def _start_next(self) -> None:
        if self._ahead and self._next is not None and "student" in getattr(self._next, "fixturenames", ()):
            seed = self._seed_of(self._next.nodeid)
            if seed not in self._waiting:
                self._waiting[seed] = self._open_pod(seed, False, self._tell_asked)

    def _tell_asked(self) -> None:
        """Tell, once for each check, that what it holds from now on may be a student's value."""
        if not self._record.asked:
            self._record.asked = True
            self._emit({"event": "asked"})

    @pytest.fixture(scope="session")
    def device(self) -> str:
        """ "cuda" where there is a GPU, else "cpu"."""
        device = available_device()
        self._emit({"event": "device", "device": device})
        return device

    @pytest.fixture
    def seed(self, request: pytest.FixtureRequest) -> int:
        """A number of this check's own, drawn from the run's seed."""
        return self._seed_of(request.node.nodeid)

    @pytest.fixture(scope="module")
    def shared_seed(self) -> int:
        """A number for all checks of a file, drawn from the run's seed."""
        return self._seed_of("shared")

    @pytest.fixture
    def rng(self, request: pytest.FixtureRequest) -> np.random.Generator:
        """A generator with this check's seed."""
        return np.random.default_rng(self._seed_of(request.node.nodeid))

    @pytest.fixture(scope="session")
    def hidden(self) -> Path:
        """The module's hidden folder."""
        return self._fence.hidden

    def _seed_of(self, name: str) -> int:
        # By file and test alone: where the suite lies must not matter.
        text = f"{self._seed} {name.rpartition('/')[2]}"
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") >> 1

    # ----------------------------------------------------------------------------------------------------- hooks

    @pytest.hookimpl
    def pytest_configure(self) -> None:
        self._fence.settle()

    @pytest.hookimpl
    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._emit(
                {"event": "error", "message": f"the hidden suite cannot be read: {_last_line(report.longreprtext)}"}
            )

    @pytest.hookimpl
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        if self._only:
            items[:] = [item for item in items if {item.name, item.name.partition("[")[0]} & self._only]

    @pytest.hookimpl
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.pending = {item.name for item in session.items}
        self._emit({"event": "collected", "checks": [_description(item) for item in session.items]})
        self._fence.put_up()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        self._next = nextitem
        self._clock.turn_to(_description(item)["title"])

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        seed = self._seed_of(item.nodeid)
        random.seed(seed)
        np.random.seed(seed)
        if "torch" in sys.modules:
            sys.modules["torch"].manual_seed(seed)

    @pytest.hookimpl
    def pytest_runtest_logstart(self, nodeid: str, location: Any) -> None:
        self._record = _Record(time.monotonic())
        self._emit({"event": "started", "name": _name(nodeid)})

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> None:
        if self._interacting(item):  # what a fixture that is shared was told by a student's code
            self._tell_asked()

    @pytest.hookimpl
    def pytest_assertrepr_compare(self, op: str, left: object, right: object) -> list[str]:
        self._record.comparison = compared(op, left, right)
        return [f"{op}"]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
        report = yield
        if call.excinfo is not None and self._record.explanation is None:
            error = call.excinfo.value
            if call.when == "teardown" and isinstance(error, AssertionError):
                error = RuntimeError(str(error))
            ours = self._fence.hidden.parent
            self._record.explanation = explain(error, self._record.comparison, self._interacting(item), ours)
            self._record.hint = getattr(error, "mlops_hint", "")
            self._record.excess = getattr(error, "mlops_excess", None)
        return report

    def _interacting(self, item: pytest.Item) -> bool:
        names = getattr(item, "fixturenames", ())
        asked: list[Student | Inspector] = [*self._record.students, *self._record.inspectors]
        asked += self._shared if "shared_student" in names else []
        asked += self._shared_inspectors if "shared_inspector" in names else []
        return any(each.exchanges for each in asked)

    @staticmethod
    def _told(explanation: Explanation, students: Collection[Student]) -> dict[str, Any]:
        """What the student reads of it, with what their code printed where that can be gone through in time."""
        try:
            ours = frozenset[str]().union(*(student.suites_own for student in students))
            printed = "".join(student.printed for student in students)
            explanation = without_suite(with_todo(explanation, printed), ours)
            return {**vars(explanation), "output": output_tail(printed, lambda text: helpful(text, ours))}
        except SuiteHangs:  # over a text of the student's, which decides nothing
            return {**vars(explanation), "output": ""}

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logfinish(self, nodeid: str, location: Any) -> None:
        record, explanation = self._record, self._record.explanation
        fields: dict[str, Any] = {"outcome": Outcome.PASSED}
        if explanation is not None:
            fields = self._told(explanation, record.students or self._shared)
            if record.hint:
                fields["hint"] = record.hint
            if record.excess is not None:
                fields["excess"] = record.excess
        self.pending.discard(_name(nodeid))
        self._emit({"event": "check", "name": _name(nodeid), "seconds": time.monotonic() - record.started, **fields})


def keep_assertions_short() -> None:
    """Take away pytest's own explanations of failed assertions.

    They are never shown here, and a hostile value makes them take hours: each operand's whole `repr`, line by line
    differences of long texts.
    """
    from _pytest.assertion import rewrite, util

    rewrite._saferepr = lambda obj: type(obj).__name__
    util.assertrepr_compare = lambda *_, **__: []  # type: ignore[assignment]


def _description(item: pytest.Item) -> dict[str, Any]:
    function: Any = getattr(item, "function", None)
    lines = (getattr(function, "__doc__", None) or "").strip().splitlines()
    title = lines[0].strip() if lines else item.name.removeprefix("test_").replace("_", " ")
    case = getattr(getattr(item, "callspec", None), "id", "")
    return {
        "name": item.name,
        "title": f"{title} [{case}]" if case else title,
        "hint": getattr(function, "mlops_hint", ""),
        "required": not getattr(function, "mlops_extra", False),
    }


def _name(nodeid: str) -> str:
    return nodeid.split("::", 1)[-1]


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return next(
        (line.removeprefix("E").strip() for line in reversed(lines) if line.startswith("E")), lines[-1] if lines else ""
    )


def available_device() -> str:
    """ "cuda" where torch sees a GPU, else "cpu"."""
    try:
        import torch
    except ImportError:
        return "cpu"
    return "cuda" if torch.cuda.is_available() else "cpu"


def to_line(event: dict[str, Any]) -> bytes:
    """An event as one line of JSON; a traceback's frames as objects."""
    return json.dumps(event, default=dict).encode() + b"\n"
