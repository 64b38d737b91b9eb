"""`doctor --security`: all that it tries is stopped, and what it tries on the fence succeeds where that has a gap."""

from __future__ import annotations

import io
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from mlops_grade.batch import git, intake
from mlops_grade.batch.collect import Collector, Fetched
from mlops_grade.batch.student import Student
from mlops_grade.commands import breakout, breakout_by_fork
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


def test_a_fork_is_neither_obeyed_nor_believed(tmp_path: Path) -> None:
    assert breakout_by_fork.worked(tmp_path) == set()


def test_a_fork_would_be_obeyed_by_a_git_that_runs_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def in_the_fork(collector: Collector, student: Student) -> Fetched:
        fork = Path(student.repository)
        git.must(fork, "-c", f"core.hooksPath={fork / 'hooks'}", "update-ref", "refs/heads/copy", "main")
        return Fetched(student)

    monkeypatch.setattr(Collector, "fetch", in_the_fork)
    assert breakout_by_fork.worked(tmp_path) == {"fork_program"}


def test_a_fork_would_be_believed_by_whoever_reads_all_headers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(objects: git.Objects, tip: str, most: int) -> tuple[git.Commit, ...]:
        data = objects.read(tip, 1 << 20) or b""
        parents = [line.split()[1].decode() for line in data.splitlines() if line.startswith(b"parent ")]
        date = breakout_by_fork.LATE if parents else breakout_by_fork.EARLY
        named = [git.must(objects._repository, "rev-parse", parent).strip() for parent in parents]
        return (git.Commit(tip, tip, date), *(commit for parent in named for commit in careless(objects, parent, most)))

    monkeypatch.setattr(intake, "history", lambda objects, tip: iter(careless(objects, tip, 9)))
    assert breakout_by_fork.worked(tmp_path) == {"fork_parent"}
