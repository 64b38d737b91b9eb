"""What is said when a machine is too busy: that it takes longer, or that it could not be told; never "not passed"."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops_grade.batch.store import is_transient
from mlops_grade.commands import checkout
from mlops_grade.errors import MachineTooBusy
from mlops_grade.judge.failure import explain
from mlops_grade.judge.patience import BusyWithAValue, Patience
from mlops_grade.reports.wording import findings, headline, load, remark
from mlops_grade.verdict import Check, ModuleVerdict, Outcome, Report


@pytest.fixture
def verdict() -> ModuleVerdict:
    """On a module of which one check could not be told."""
    said = explain(MachineTooBusy(600), None, interacting=True)
    checks = (
        Check(name="a", title="It trains", outcome=Outcome.PASSED),
        Check(name="b", title="It ends", outcome=said.outcome, reason="busy", message=said.message),
    )
    return ModuleVerdict(
        module="m04", session="s1", title="Networks", core=True, outcome=Outcome.GRADER_ERROR, checks=checks,
        seconds=612.3, cpu_seconds=41.2, waited_seconds=498.7, busy=True,
    )  # fmt: skip


def test_the_end_that_a_busy_machine_brings_is_no_fault_of_the_students() -> None:
    said = explain(MachineTooBusy(600), None, interacting=True)
    assert said.outcome is Outcome.GRADER_ERROR
    assert said.reason == "busy"
    assert "too busy to tell" in said.message


def test_it_is_told_as_such_and_not_as_an_error_of_ours(verdict: ModuleVerdict) -> None:
    report = Report(verdicts=(verdict,))
    assert headline(report).startswith("TOO BUSY TO TELL 0 of 1 core modules passed: grade again")
    texts = [part.text for finding in findings(verdict.failed) for part in finding.parts]
    assert not any("our error" in text for text in (*texts, remark(verdict))), texts


def test_a_batch_tries_it_again(verdict: ModuleVerdict) -> None:
    assert is_transient(verdict)


def test_the_load_is_told_in_words(verdict: ModuleVerdict) -> None:
    assert load(verdict) == "612.3 s in all, 41.2 s of them computed; 498.7 s ready, with no core to compute on"


@pytest.mark.parametrize(("ready", "said"), [(3, ""), (41, "40 programs share this machine's 2 cores")])
def test_a_student_is_told_that_it_takes_longer(monkeypatch: pytest.MonkeyPatch, ready: int, said: str) -> None:
    monkeypatch.setattr(checkout.os, "cpu_count", lambda: 2)
    monkeypatch.setattr(Path, "read_text", lambda self: f"1.0 1.0 1.0 {ready}/300 4242\n")
    told = checkout.cores_are_busy()
    assert told.startswith(said) and bool(told) == bool(said)


def test_a_judging_process_that_is_heard_is_waited_for_until_the_bound_on_the_wall(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 1000.0
    monkeypatch.setattr("mlops_grade.judge.patience.time.monotonic", lambda: now)
    patience = Patience(60)
    for _ in range(6):
        now += 100
        patience.heard(0)
        assert patience.left(0, False) > 0
    now += 200
    with pytest.raises(MachineTooBusy):
        patience.left(0, False)


def test_a_judging_process_that_falls_silent_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("mlops_grade.judge.patience.time.monotonic", lambda: now)
    patience = Patience(60)
    patience.heard(0)
    now += 121
    with pytest.raises(Exception, match="did not end within 120 s"):
        patience.left(0, False)


def test_one_that_falls_silent_over_a_students_value_is_that_values_doing(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("mlops_grade.judge.patience.time.monotonic", lambda: now)
    patience = Patience(60)
    patience.heard(0)
    now += 28
    assert patience.left(0, holds_a_value=True) > 0
    now += 4
    assert patience.left(0, holds_a_value=False) > 0
    with pytest.raises(BusyWithAValue):
        patience.left(0, holds_a_value=True)
