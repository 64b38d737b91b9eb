"""The command as its users type it: what it prints, what it writes, its exit status, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import small_course
from mlops_grade.commands.last_verdicts import last_verdict, remember
from mlops_grade.course.discovery import Course, Module
from mlops_grade.reports import json_report
from mlops_grade.verdict import ModuleVerdict, Outcome, Report

WRONG = {"numbers_module.py": "def double(n): return n\ntotal = sum\n"}
COMMAND = [sys.executable, "-m", "mlops_grade"]


def environment(course: Course, **more: str) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if name not in ("FORCE_COLOR", "NO_COLOR", "COLUMNS")}
    return {**plain, "MLOPS_GRADE_COURSE": str(course.root), **more}


def run(course: Course, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *words], env=environment(course, **more), capture_output=True, text=True, timeout=120, check=False
    )


def test_right_work_is_passed_with_exit_status_0(course: Course, checkout: Path) -> None:
    done = run(course, "--submission", str(checkout))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.rstrip().endswith("PASSED 1 of 1 core modules")


def test_wrong_work_is_not_passed_with_exit_status_1(course: Course, module: Module, tmp_path: Path) -> None:
    small_course.hand_in(tmp_path, module, WRONG)
    done = run(course, "s1/m01", "--submission", str(tmp_path))
    assert done.returncode == 1
    assert "NOT PASSED 0 of 1 core modules" in done.stdout
    assert "double(n) is twice n" in done.stdout
    assert "Twice two is four." in done.stdout
    assert "\x1b[" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_hidden_source_is_never_shown(course: Course, module: Module, tmp_path: Path) -> None:
    small_course.hand_in(tmp_path, module, WRONG)
    done = run(course, "--submission", str(tmp_path))
    assert "student.load" not in done.stdout + done.stderr
    assert "def test_" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["numberz"], "did you mean numbers"),
        (["--submission", "/no/such/folder"], "no such folder"),
        (["--format", "pdf"], "known formats are"),
        (["--json", "/no/such/folder/report.json"], "no folder"),
        (["--output", "x"], "--format"),
        (["--start", "teleport"], "fork or spawn"),
        (["--no-such-option"], "No such option"),
        (["--seed", "seven"], "--seed"),
    ],
)
def test_wrong_usage_is_said_with_exit_status_2(course: Course, words: list[str], said: str) -> None:
    done = run(course, *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_broken_suite_exits_with_status_3(tmp_path: Path) -> None:
    course = small_course.make(tmp_path / "course", suite="import no_such_thing\n")
    small_course.hand_in(tmp_path / "fork", course.modules[0], {})
    done = run(course, "--submission", str(tmp_path / "fork"))
    assert done.returncode == 3
    assert "not yours" in done.stdout


def test_reports_are_written_beside_the_terminal(course: Course, checkout: Path, tmp_path: Path) -> None:
    done = run(
        course, "--submission", str(checkout), "--json", str(tmp_path / "a.json"), "--junit", str(tmp_path / "a.xml")
    )
    assert done.returncode == 0
    assert json_report.parse((tmp_path / "a.json").read_text()).verdicts[0].module == "m01"
    assert (tmp_path / "a.xml").read_text().startswith("<?xml")


def test_a_format_goes_to_standard_output_alone(course: Course, checkout: Path) -> None:
    done = run(course, "--submission", str(checkout), "--format", "json")
    assert json.loads(done.stdout)["verdicts"][0]["outcome"] == "passed"


def test_list_shows_the_last_verdict(course: Course, checkout: Path) -> None:
    before = run(course, "list", "--submission", str(checkout))
    run(course, "--submission", str(checkout))
    after = run(course, "list", "--submission", str(checkout))
    assert "passed" not in before.stdout
    assert "passed" in after.stdout


def test_hint_tells_what_failed_last(course: Course, module: Module, tmp_path: Path) -> None:
    small_course.hand_in(tmp_path, module, WRONG)
    assert "Not graded yet" in run(course, "hint", "m01", "--submission", str(tmp_path)).stdout
    run(course, "--submission", str(tmp_path))
    assert "Twice two is four." in run(course, "hint", "--submission", str(tmp_path)).stdout


def test_a_checkout_that_cannot_be_written_is_graded(course: Course, checkout: Path) -> None:
    (checkout / ".mlops-grade").write_text("a file where a folder should be")
    assert run(course, "--submission", str(checkout)).returncode == 0


def test_nothing_is_written_into_what_is_graded(course: Course, checkout: Path) -> None:
    before = sorted(checkout.rglob("*"))
    assert run(course, "--submission", str(checkout)).returncode == 0
    assert sorted(checkout.rglob("*")) == before


def test_where_the_users_state_cannot_be_written_work_is_graded_all_the_same(
    course: Course, checkout: Path, tmp_path: Path
) -> None:
    (tmp_path / "no folder").write_text("")
    nowhere = str(tmp_path / "no folder")
    assert run(course, "--submission", str(checkout), XDG_STATE_HOME=nowhere).returncode == 0
    assert "passed" not in run(course, "list", "--submission", str(checkout), XDG_STATE_HOME=nowhere).stdout


@pytest.mark.parametrize("claim", ["verdict", "endless", "pipe"])
def test_what_a_fork_says_of_its_last_verdict_is_not_read(
    course: Course, module: Module, checkout: Path, tmp_path: Path, claim: str
) -> None:
    forged = ModuleVerdict(
        module=module.id, session=module.session, title=module.title, core=True, outcome=Outcome.PASSED
    )
    fork = tmp_path / "claims"
    place = fork / ".mlops-grade" / "last" / "m01.json"
    small_course.hand_in(fork, module, WRONG)
    place.parent.mkdir(parents=True)
    if claim == "verdict":
        place.write_text(forged.model_dump_json())
    elif claim == "endless":
        place.symlink_to("/dev/zero")
    else:
        os.mkfifo(place)
    assert "passed" not in run(course, "list", "--submission", str(fork)).stdout
    assert "Not graded yet" in run(course, "hint", "m01", "--submission", str(fork)).stdout


@pytest.mark.parametrize("damage", ["endless", "pipe", "large", "words"])
def test_a_last_verdict_that_is_none_is_as_good_as_none(
    module: Module, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    verdict = ModuleVerdict(module="m01", session="s1", title="x", core=True, outcome=Outcome.PASSED)
    remember(tmp_path, Report(verdicts=(verdict,)))
    assert last_verdict(tmp_path, module) == verdict
    (file,) = (tmp_path / "state").rglob("m01.json")
    file.unlink()
    if damage == "endless":
        file.symlink_to("/dev/zero")
    elif damage == "pipe":
        os.mkfifo(file)
    elif damage == "large":
        with file.open("wb") as out:
            out.truncate(1 << 40)
    else:
        file.write_text("passed")
    assert last_verdict(tmp_path, module) is None


def test_a_checkout_with_spaces_and_other_letters_in_its_path_is_graded(
    course: Course, module: Module, tmp_path: Path
) -> None:
    fork = tmp_path / "Ægir's fork – übung"
    small_course.hand_in(fork, module, {})
    assert run(course, "--submission", str(fork), LC_ALL="C").returncode == 0


def test_a_fork_that_ships_what_tools_pick_up_changes_nothing(course: Course, checkout: Path, module: Module) -> None:
    hostile = "import os; os._exit(0)\n"
    names = ("conftest.py", "pytest.py", "torch.py", "sitecustomize.py", "usercustomize.py", "numpy.py")
    small_course.write(checkout, dict.fromkeys((*names, "mlops_grade.py"), hostile))
    small_course.write(
        checkout / module.folder, {**dict.fromkeys(names, hostile), "pytest.ini": "[pytest]\naddopts=-x\n"}
    )
    done = subprocess.run(
        [*COMMAND[:1], "-P", *COMMAND[1:], "--submission", "."], cwd=checkout, env=environment(course), check=False,
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_started_with_dash_m_nothing_is_imported_from_the_current_folder(course: Course, checkout: Path) -> None:
    small_course.write(checkout, dict.fromkeys(("typer.py", "rich.py", "pytest.py", "torch.py"), "raise SystemExit(7)"))
    done = subprocess.run(
        [*COMMAND, "--submission", "."], cwd=checkout, env=environment(course), check=False,
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_symlink_that_is_handed_in_is_not_followed(course: Course, checkout: Path, module: Module) -> None:
    file = checkout / module.folder / "numbers_module.py"
    file.rename(checkout / "elsewhere.py")
    file.symlink_to(checkout / "elsewhere.py")
    done = run(course, "--submission", str(checkout))
    assert done.returncode == 1
    assert "symbolic link" in done.stdout


def test_a_tier_that_is_not_to_be_had_is_refused(course: Course, checkout: Path) -> None:
    done = run(course, "--submission", str(checkout), "--require-isolation", "namespaces", "--isolation", "limits")
    assert done.returncode == 2
    assert "--require-isolation namespaces" in done.stderr


def test_prove_tells_each_line_and_what_is_false(tmp_path: Path) -> None:
    course = small_course.make(tmp_path)
    hidden = course.modules[0].hidden
    small_course.write(
        hidden / "wrong" / "identity",
        {**WRONG, "wrong.toml": 'mistake = "The number itself comes back."\ncaught_by = ["test_double"]\n'},
    )
    small_course.write(
        hidden / "wrong" / "harmless",
        {"wrong.toml": 'mistake = "Nothing at all is wrong."\ncaught_by = ["test_double"]\n'},
    )
    done = run(course, "prove", "--seeds", "2")
    assert done.returncode == 1
    assert "✓ m01_numbers  the solution passes" in done.stdout
    assert "✓ m01_numbers  wrong: identity" in done.stdout
    assert "✗ m01_numbers  wrong: harmless" in done.stdout
    assert "✓ m01_numbers  TODO missed: numbers_module.py: double" in done.stdout


def test_solutions_are_written_as_a_checkout(course: Course, tmp_path: Path) -> None:
    assert run(course, "solutions", str(tmp_path / "solved")).returncode == 0
    assert run(course, "--submission", str(tmp_path / "solved")).returncode == 0
    again = run(course, "solutions", str(tmp_path / "solved"))
    assert again.returncode == 2
    assert "not empty" in again.stderr


def test_completion_offers_commands_sessions_and_modules(course: Course) -> None:
    done = run(course, _MLOPS_GRADE_COMPLETE="complete_bash", COMP_WORDS="mlops-grade m0", COMP_CWORD="1")
    offered = done.stdout.split()
    assert "m01" in offered or run(
        course, _PYTHON__M_MLOPS_GRADE_COMPLETE="complete_bash", COMP_WORDS="mlops-grade m0", COMP_CWORD="1"
    ).stdout.split() == ["m01"]


@pytest.fixture
def endless(course: Course, module: Module, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """The command, grading work that never ends."""
    small_course.hand_in(tmp_path, module, {"numbers_module.py": "import time\ntime.sleep(1000)\n"})
    process = subprocess.Popen(
        [*COMMAND, "--submission", str(tmp_path)],
        env=environment(course, TMPDIR=str(tmp_path)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # A shell that started the tests in its background had them ignore interrupts, and so would this.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    yield process
    process.kill()
    process.wait()


def _started_by(process: subprocess.Popen[str]) -> list[int]:
    """All processes below one, as /proc tells."""
    from mlops_grade.student.pod import descendants

    return descendants(process.pid)


def test_an_interrupt_while_it_starts_is_no_traceback() -> None:
    script = (
        "import sys\nclass Early:\n    def find_spec(self, name, *_):\n"
        "        if name == 'typer': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Early())\nfrom mlops_grade.__main__ import main\nmain()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 130
    assert done.stderr == "Interrupted; nothing is left running.\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_behind_when_it_is_interrupted(endless: subprocess.Popen[str], number: signal.Signals) -> None:
    deadline = time.monotonic() + 300
    while len(_started_by(endless)) < 6 and time.monotonic() < deadline:
        time.sleep(0.1)
    below = _started_by(endless)
    assert len(below) >= 6
    os.kill(endless.pid, number)
    _, printed = endless.communicate(timeout=120)
    if number == signal.SIGINT:
        assert endless.returncode == 130
        assert "Interrupted" in printed
        assert "Traceback" not in printed
    while (left := [pid for pid in below if _alive(pid)]) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == []


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.slow
def test_watch_grades_again_when_a_file_is_saved(course: Course, module: Module, tmp_path: Path) -> None:
    folder = small_course.hand_in(tmp_path, module, WRONG)
    process = subprocess.Popen(
        [*COMMAND, "--watch", "--submission", str(tmp_path)],
        env=environment(course, PYTHONUNBUFFERED="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    try:
        seen = _read_until(process, "Watching")
        assert "NOT PASSED 0 of 1" in seen
        time.sleep(1)
        (folder / "numbers_module.py").write_text(small_course.SOLUTION)
        assert "PASSED 1 of 1" in _read_until(process, "core modules")
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130


def _read_until(process: subprocess.Popen[str], text: str) -> str:
    seen = ""
    assert process.stdout is not None
    for line in process.stdout:
        seen += line
        if text in line:
            break
    return seen
