"""`mlops-grade hint` speaks of the checks that ran, and says where to begin."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from mlops_grade.commands import hint
from mlops_grade.verdict import Check, Frame, ModuleVerdict, Outcome


def check(name: str, outcome: Outcome = Outcome.NOT_PASSED, **fields: Any) -> Check:
    return Check(name=name, title=f"Check {name}", outcome=outcome, hint=f"the hint of {name}", **fields)


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What the command prints after a verdict with these checks."""

    def advice(*checks: Check) -> str:
        verdict = ModuleVerdict(
            module="m01", session="s1", title="Shell", core=True, outcome=Outcome.NOT_PASSED, checks=checks
        )
        monkeypatch.setattr(hint, "last_verdict", lambda *_: verdict)
        module: Any = SimpleNamespace(path=Path("m01_shell"), title="Shell", folder="s1_first/m01_shell", id="m01")
        checkout: Any = SimpleNamespace(root=Path())
        console = Console(file=io.StringIO(), width=200)
        with console.capture() as capture:
            console.print(hint.render_advice(checkout, (module,)))
        return capture.get()

    return advice


def test_checks_that_did_not_run_are_not_spoken_of(said: Any) -> None:
    text = said(check("a", message="x", reason="assertion"), check("b", Outcome.NOT_RUN, message="--fail-fast"))
    assert "the hint of a" in text and "Check b" not in text and "the hint of b" not in text


def test_an_untouched_skeleton_is_told_where_to_begin(said: Any) -> None:
    place = Frame(file="shell.py", line=3, function="double")
    left = [check(name, message=f"TODO: write {name}", reason="todo", traceback=(place,)) for name in "abc"]
    text = said(*left)
    assert "Read s1_first/m01_shell/README.md, then begin with shell.py: TODO: write a" in text
    assert "2 more checks wait" in text
    assert len(text.splitlines()) == 3


def test_what_was_not_reached_waits_for_what_failed(said: Any) -> None:
    text = said(
        check("a", message="TypeError", reason="exception"), check("b", message="not reached", reason="unreached")
    )
    assert "the hint of a" in text and "the hint of b" not in text and "1 more check waits" in text
