"""The commands from words to exit status, with a stand-in for the engine; progress in plain lines; the environment."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from builders import RIGHT, WRONG, FakeGrader, judge, make_fork, write
from mlops_grade.batch.progress import Lines, Live, display
from mlops_grade.batch.store import Store
from mlops_grade.cli import app
from mlops_grade.commands import batch as actions
from mlops_grade.course import environment
from mlops_grade.course.discovery import Course
from mlops_grade.errors import UsageError
from mlops_grade.student.isolation import Tier


@pytest.fixture
def cohort(course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A roster of three, one of them gone; the engine is the fake grader."""

    class StandIn:
        def __init__(self, *_: Any, **__: Any) -> None:
            self.grade = judge

        def __enter__(self) -> StandIn:
            return self

        def __exit__(self, *_: Any) -> None: ...

    monkeypatch.setattr(actions, "Grader", StandIn)
    monkeypatch.setenv("MLOPS_GRADE_COURSE", str(course.root))
    monkeypatch.chdir(tmp_path)
    make_fork(tmp_path / "clones/ada", RIGHT)
    make_fork(tmp_path / "clones/bob", WRONG)
    write(tmp_path, {"roster.csv": "student,repository\nada,clones/ada\nbob,clones/bob\ngone,clones/gone\n"})
    return tmp_path / "roster.csv"


def run(*words: str) -> tuple[int, str]:
    ran = CliRunner().invoke(app, [*words], terminal_width=200)
    if ran.exception and not isinstance(ran.exception, SystemExit):
        raise ran.exception
    return ran.exit_code, ran.output


def test_a_batch_writes_the_gradebook_and_says_where(cohort: Path, tmp_path: Path) -> None:
    code, output = run("batch", str(cohort))
    assert code == 0
    assert "3 students: 2 not passed, 1 not collected" in output
    assert "gone: there is no folder" in output
    written = {path.name for path in (tmp_path / "report").iterdir()}
    assert written == {"index.html", "gradebook.csv", "gradebook.json", "canvas.csv", "moodle.csv", "feedback"}
    assert (tmp_path / ".mlops-grade/verdicts.sqlite").is_file()


def test_a_second_batch_knows_everything_already(cohort: Path) -> None:
    run("batch", str(cohort))
    assert "0 graded now" in run("batch", str(cohort))[1]


def test_grader_errors_give_their_own_status(cohort: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def __init__(self, *_: Any, **__: Any) -> None:
            self.grade = FakeGrader(told={"m01": [OSError("full")] * 9})

        def __enter__(self) -> Broken:
            return self

        def __exit__(self, *_: Any) -> None: ...

    monkeypatch.setattr(actions, "Grader", Broken)
    assert run("batch", str(cohort), "m01")[0] == 3


def test_explain_and_replay(cohort: Path) -> None:
    run("batch", str(cohort))
    code, output = run("explain", "bob", "m01", "--cohort", str(cohort))
    assert code == 0
    assert "add(1, 2) gives -1" in output
    assert "committer's clock" in output
    code, output = run("replay", "bob", "m01", "--cohort", str(cohort))
    assert (code, "agree" in output) == (0, True)


def test_explain_before_any_batch_says_what_to_do(cohort: Path) -> None:
    with pytest.raises(UsageError, match="run `mlops-grade batch"):
        run("explain", "bob", "m01", "--cohort", str(cohort))


def test_a_moment_that_is_none(cohort: Path) -> None:
    with pytest.raises(UsageError, match="expected a date like"):
        run("batch", str(cohort), "--before", "friday")


def test_a_replay_has_the_limits_of_the_verdict() -> None:
    options = actions.parse_limits("timeout=12.5 tier=landlock", seed=4)
    assert (options.timeout, options.require_isolation, options.seed) == (12.5, Tier.LANDLOCK, 4)


def test_without_a_terminal_progress_is_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    progress = display(Console(file=out, width=200))
    assert isinstance(progress, Lines)
    monkeypatch.setattr("mlops_grade.batch.progress.LINE_EVERY", 0.0)
    progress.phase("Grading", 3, known=7)
    progress.advance()
    progress.advance(problem="ada: [red]is empty")
    progress.advance()
    progress.close()
    lines = out.getvalue().splitlines()
    assert lines[0] == "Grading: 3, 7 known already"
    assert "1/3" in lines[1]
    assert "a second" in lines[1]
    assert "  ada: [red]is empty" in lines
    assert lines[-1].startswith("Grading: 3/3 in ")


def test_on_a_terminal_progress_is_alive() -> None:
    out = io.StringIO()
    progress = display(Console(file=out, width=120, force_terminal=True))
    assert isinstance(progress, Live)
    progress.phase("Grading", 2, known=7)
    progress.advance(2)
    progress.close()
    assert "7 known" in out.getvalue()
    assert "2/2" in out.getvalue()


def test_the_environment_s_digest_is_stable_and_hangs_on_the_code_that_judges(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"judge.py": "A = 1\n", "reports/text.py": "B = 1\n"})
    monkeypatch.setattr(environment, "_sources", lambda: [tmp_path])
    compute = environment.environment_digest.__wrapped__
    first = compute()
    write(tmp_path, {"reports/text.py": "B = 2\n"})
    assert compute() == first, "what only shows verdicts does not count"
    write(tmp_path, {"judge.py": "A = 2\n"})
    assert compute() != first


def test_a_cohort_is_graded_with_a_seed_of_its_own_that_stays(cohort: Path, tmp_path: Path) -> None:
    run("batch", str(cohort))
    with Store(tmp_path / ".mlops-grade/verdicts.sqlite") as store:
        ((name, seed),) = store.database.execute("SELECT cohort, seed FROM seeds").fetchall()
        assert store.seed(name) == seed
        assert seed != store.seed("another cohort"), "each cohort draws its own"
        used = {row[0] for row in store.database.execute("SELECT seed FROM units")}
    assert used == {seed}
    assert "0 graded now" in run("batch", str(cohort))[1]
    explained = " ".join(run("explain", "bob", "m01", "--cohort", str(cohort))[1].split())
    assert f"seed {seed} " in explained


def test_another_seed_can_be_asked_for(cohort: Path, tmp_path: Path) -> None:
    run("batch", str(cohort), "--seed", "7")
    with Store(tmp_path / ".mlops-grade/verdicts.sqlite") as store:
        assert {row[0] for row in store.database.execute("SELECT seed FROM units")} == {7}
