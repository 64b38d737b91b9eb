"""`doctor --security`: all that it tries is stopped, and what it tries on the fence succeeds where that has a gap."""

from __future__ import annotations

import io
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from mlops_grade.commands import breakout
from mlops_grade.judge.fence import missing_layers
from mlops_grade.verdict import ExitCode


def test_what_is_tried_is_stopped_and_each_try_is_told() -> None:
    said = io.StringIO()
    assert breakout.run(Console(file=said, width=200)) == ExitCode.PASSED, said.getvalue()
    assert "what it promises holds" in said.getvalue()
    assert all(each.what in said.getvalue() for each in breakout.TRIES)


@pytest.fixture
def places(tmp_path: Path) -> Iterator[dict[str, object]]:
    """What the tries on the judge are after, in a folder of this test's own."""
    (tmp_path / "secret").write_text("1234")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        yield {"file": str(tmp_path / "secret"), "folder": str(tmp_path), "secret": "1234", "port": port}


FILES, PROCESSES = {"judge_file", "judge_solution", "judge_write"}, {"judge_program", "judge_call"}
WEAKENED = {
    "no fence": ("Fence.put_up = lambda fence: None", FILES | PROCESSES),
    "no landlock": ("jail.restrict_files = lambda *given, **named: None", FILES),
    "no seccomp": ("jail.filter_judge = lambda: None", PROCESSES),
    "no hook": ("sys.addaudithook = lambda hook: None", set[str]()),
}


@pytest.mark.skipif(bool(missing_layers()), reason="this machine has neither Landlock nor seccomp")
@pytest.mark.parametrize(("weaken", "succeed"), WEAKENED.values(), ids=WEAKENED.keys())
def test_each_layer_of_the_fence_stops_native_code_of_its_own(
    tmp_path: Path, places: dict[str, object], monkeypatch: pytest.MonkeyPatch, weaken: str, succeed: set[str]
) -> None:
    weakened = f"from mlops_grade.student import jail\n{weaken}\nfence.put_up()"
    monkeypatch.setattr(breakout, "_PARSER", breakout._PARSER.replace("fence.put_up()", weakened))
    assert breakout._worked_in_judge(tmp_path, places) == succeed
