"""One submission judged: every kind of bad input ends in a verdict with a reason that a person understands."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

import small_course
from mlops_grade.course.discovery import Course, Module
from mlops_grade.course.submission import Problem, Submission
from mlops_grade.judge.grader import Grader, RunOptions
from mlops_grade.student.isolation import Tier, possible_tiers
from mlops_grade.student.output import last_words
from mlops_grade.verdict import Check, ModuleVerdict, Outcome

PASSED, NOT_PASSED = Outcome.PASSED, Outcome.NOT_PASSED


def judged(grader: Grader, module: Module, files: dict[str, str]) -> ModuleVerdict:
    return grader.grade(module, small_course.submission(files))


def check(verdict: ModuleVerdict, name: str) -> Check:
    return next(check for check in verdict.checks if check.name == name)


def outcomes(verdict: ModuleVerdict) -> dict[str, Outcome]:
    return {check.name: check.outcome for check in verdict.checks}


def test_right_work_is_passed_and_its_provenance_recorded(grader: Grader, module: Module) -> None:
    verdict = judged(grader, module, {})
    assert verdict.outcome is PASSED
    assert [check.outcome for check in verdict.checks] == [PASSED] * 4
    assert verdict.provenance is not None
    assert verdict.provenance.seed == 1
    assert verdict.provenance.isolation == grader.judge.tier
    assert len(verdict.provenance.submission) == len(verdict.provenance.suite) == 64


def test_the_device_that_is_recorded_is_the_one_that_the_suite_used(
    grader: Grader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite = f"{small_course.SUITE}\n\ndef test_device(device: str) -> None:\n    assert device in ('cpu', 'cuda')\n"
    module = small_course.make(tmp_path, suite=suite).modules[0]
    monkeypatch.setattr("mlops_grade.judge.run.device_name", lambda: "what the machine seems to have")
    provenance = judged(grader, module, {}).provenance
    assert provenance is not None
    assert provenance.device in ("cpu", "cuda")


def test_a_course_may_lie_at_a_path_of_any_letters(grader: Grader, tmp_path: Path) -> None:
    module = small_course.make(tmp_path / 'it\'s "q" [x]::y {z} #1 %20 ü; $(x)\n' / "course").modules[0]
    assert judged(grader, module, {}).outcome is PASSED


def test_wrong_work_is_not_passed_with_expected_and_got(grader: Grader, module: Module) -> None:
    verdict = judged(grader, module, {"numbers_module.py": "def double(n): return n + 1\ntotal = sum\n"})
    assert verdict.outcome is NOT_PASSED
    assert outcomes(verdict) == {
        "test_double": NOT_PASSED, "test_total": PASSED, "test_program": NOT_PASSED, "test_negative": NOT_PASSED,
    }  # fmt: skip
    failed = check(verdict, "test_double")
    assert int(failed.got or 0) == int(failed.expected or 0) // 2 + 1
    assert failed.title == "double(n) is twice n"
    assert failed.hint == "Twice two is four."


def test_a_failed_extra_check_does_not_fail_the_module(grader: Grader, module: Module) -> None:
    verdict = judged(grader, module, {"numbers_module.py": "def double(n): return abs(2 * n)\ntotal = sum\n"})
    assert check(verdict, "test_negative").outcome is NOT_PASSED
    assert verdict.outcome is PASSED


def test_a_skeleton_shows_its_todo_and_no_traceback(grader: Grader, module: Module) -> None:
    files = {"numbers_module.py": small_course.SKELETON, "program.py": small_course.PROGRAM_SKELETON}
    verdict = judged(grader, module, files)
    assert verdict.outcome is NOT_PASSED
    assert check(verdict, "test_double").message == "TODO: double the number"
    assert check(verdict, "test_double").reason == "todo"
    assert check(verdict, "test_program").message == "TODO: print twice the number"


def test_a_missing_file_is_named_and_the_other_checks_still_run(grader: Grader, module: Module) -> None:
    files = {path: text.encode() for path, text in small_course.RIGHT.items() if path != "program.py"}
    verdict = grader.grade(module, Submission(files, (Problem("program.py", "was not handed in"),)))
    assert check(verdict, "test_program").message == "program.py was not handed in"
    assert check(verdict, "test_double").outcome is PASSED
    assert verdict.outcome is NOT_PASSED


def test_a_syntax_error_is_shown_with_file_line_and_text(grader: Grader, module: Module) -> None:
    verdict = judged(grader, module, {"numbers_module.py": "def double(n):\n    return (2 * n\n"})
    failed = check(verdict, "test_double")
    assert "never closed" in failed.message
    frame = failed.traceback[-1]
    assert (frame.file, frame.line, frame.code) == ("numbers_module.py", 2, "return (2 * n")


def test_an_exception_is_shown_with_the_students_own_frames_only(grader: Grader, module: Module) -> None:
    source = "def inner(n):\n    return {}[n]\n\ndef double(n):\n    return inner(n)\n\ntotal = sum\n"
    failed = check(judged(grader, module, {"numbers_module.py": source}), "test_double")
    assert failed.message.startswith("KeyError")
    assert [(frame.file, frame.line, frame.function) for frame in failed.traceback] == [
        ("numbers_module.py", 5, "double"),
        ("numbers_module.py", 2, "inner"),
    ]


PROBING = """
from mlops_grade.suite import Student, probe


@probe
def look(module):
    return module.double(module.no_such_thing)


def test_double(student: Student) -> None:
    student.run(look, student.load("numbers_module"))
"""


def test_the_lines_of_a_probe_are_not_shown_as_the_students(grader: Grader, tmp_path: Path) -> None:
    module = small_course.make(tmp_path, suite=PROBING).modules[0]
    failed = check(judged(grader, module, {}), "test_double")
    assert "no_such_thing" in failed.message
    assert failed.traceback == ()


@pytest.mark.parametrize(("name", "said"), [("no_such_package", "not part of the course"), ("sklern", "not part")])
def test_a_package_that_is_not_there_is_named(grader: Grader, module: Module, name: str, said: str) -> None:
    failed = check(judged(grader, module, {"numbers_module.py": f"import {name}\n"}), "test_double")
    assert name in failed.message
    assert said in failed.message


@pytest.mark.parametrize(
    ("source", "reason", "said"),
    [
        ("import sys\nsys.exit(0)\n", "exception", "ended the program"),
        ("import os\nos._exit(0)\n", "died", "exit status 0"),
        ("import ctypes\nctypes.string_at(0)\n", "died", "segmentation fault"),
        ("def double(n): return double(n)\ntotal = sum\n", "exception", "RecursionError"),
        ("def double(n): raise SystemExit(3)\ntotal = sum\n", "exception", "exit status 3"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n", "died", "killed"),
        ("double = 3\ntotal = sum\n", "exception", "not callable"),
        ("def double(n): return object()\ntotal = sum\n", "assertion", ""),
        ("x = bytearray(6 << 30)\n", "memory", "memory"),
        ("import sys\nfor i in range(40000): sys.stdout.write('x' * 1024)\nsys.stdout.flush()\n", "flood", "printed"),
    ],
)
def test_work_that_breaks_its_process_fails_with_the_reason(
    grader: Grader, module: Module, source: str, reason: str, said: str
) -> None:
    verdict = judged(grader, module, {"numbers_module.py": source})
    assert verdict.outcome is NOT_PASSED
    failed = check(verdict, "test_double")
    assert (failed.outcome, failed.reason) == (NOT_PASSED, reason)
    assert said in failed.message


def test_a_file_that_is_no_utf_8_is_told(grader: Grader, module: Module) -> None:
    files = {**{path: text.encode() for path, text in small_course.RIGHT.items()}, "numbers_module.py": b"x = '\xff'\n"}
    failed = check(grader.grade(module, Submission(files)), "test_double")
    assert "utf-8" in failed.message.lower()


@pytest.mark.slow
@pytest.mark.parametrize(
    "source", ["while True: pass\n", "def double(n):\n    while True: pass\ntotal = sum\n"], ids=["import", "call"]
)
def test_an_endless_loop_ends_with_the_module_time(course: Course, source: str) -> None:
    with Grader(course, RunOptions(timeout=3)) as grader:
        verdict = judged(grader, course.modules[0], {"numbers_module.py": source})
    failed = check(verdict, "test_double")
    assert (failed.outcome, failed.reason) == (NOT_PASSED, "timeout")
    assert verdict.outcome is NOT_PASSED


def test_a_fork_bomb_fails_its_check_and_the_next_submission_is_graded(grader: Grader, module: Module) -> None:
    endless = "    while True:\n        try: os.fork()\n        except OSError: pass\n"
    bomb = f"import os\ndef double(n):\n{endless}total = sum\n"
    with Grader([module], RunOptions(timeout=3)) as short:
        assert judged(short, module, {"numbers_module.py": bomb}).outcome is NOT_PASSED
        assert judged(short, module, {}).outcome is PASSED


def test_files_that_tools_pick_up_by_themselves_never_arrive(grader: Grader, module: Module) -> None:
    source = "import os\ndef double(n): return sorted(os.listdir('.'))\ntotal = sum\n"
    failed = check(judged(grader, module, {"numbers_module.py": source}), "test_double")
    assert failed.got == "['data', 'given.txt', 'numbers_module.py', 'program.py']"


def test_the_seed_decides_the_inputs(grader: Grader, module: Module) -> None:
    source = {"numbers_module.py": "def double(n): return -n\ntotal = sum\n"}
    one, again = (check(grader.grade(module, small_course.submission(source), 5), "test_double") for _ in range(2))
    other = check(grader.grade(module, small_course.submission(source), 6), "test_double")
    assert one.expected == again.expected != other.expected


def test_fail_fast_leaves_the_rest_unrun(course: Course) -> None:
    with Grader(course, RunOptions(fail_fast=True)) as grader:
        verdict = judged(grader, course.modules[0], {"numbers_module.py": "double = total = None\n"})
    assert list(outcomes(verdict).values()) == [NOT_PASSED, Outcome.NOT_RUN, Outcome.NOT_RUN, Outcome.NOT_RUN]
    assert verdict.outcome is NOT_PASSED


def test_something_that_a_module_needs_and_is_not_there_leaves_it_unrun(grader: Grader, module: Module) -> None:
    needy = replace(module, settings=module.settings.model_copy(update={"needs": ("command:no-such-command",)}))
    verdict = grader.grade(needy, small_course.submission({}))
    assert verdict.outcome is Outcome.NOT_RUN
    assert "no-such-command" in verdict.reason


@pytest.mark.parametrize("start", ["fork", "spawn"])
@pytest.mark.parametrize("tier", possible_tiers())
def test_every_tier_gives_the_same_verdicts(course: Course, tier: Tier, start: str) -> None:
    with Grader(course, RunOptions(isolation=tier, start=start)) as grader:
        right = judged(grader, course.modules[0], {})
        wrong = judged(grader, course.modules[0], {"numbers_module.py": "import os\nos._exit(0)\n"})
    assert (right.outcome, wrong.outcome) == (PASSED, NOT_PASSED)
    assert right.provenance is not None
    assert right.provenance.isolation == tier


def test_spawned_workers_give_the_same_verdicts(grader: Grader, course: Course) -> None:
    broken = {"numbers_module.py": "def double(n): return n\ntotal = sum\n"}
    with Grader(course, RunOptions(start="spawn")) as spawning:
        for files in ({}, broken):
            spawned = judged(spawning, course.modules[0], files)
            assert outcomes(spawned) == outcomes(judged(grader, course.modules[0], files))


LOOKS_AT_WHAT_IS_LOADED = {
    "numbers_module.py": "import sys\ndef double(n): return 2 * n if 'colorsys' in sys.modules else n\ntotal = sum\n",
    "program.py": "import sys\nprint(42 if 'colorsys' in sys.modules else 'nothing is loaded')\n",
}


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_what_a_module_preloads_is_loaded_before_its_code_runs(tmp_path: Path, start: str) -> None:
    """Also where no warm process can be forked: the time that it takes is nobody's, and no import is the student's."""
    settings = small_course.SETTINGS + 'preload = ["colorsys"]\n'
    course = small_course.make(tmp_path, settings=settings)
    with Grader(course, RunOptions(start=start)) as grader:
        verdict = judged(grader, course.modules[0], LOOKS_AT_WHAT_IS_LOADED)
    assert outcomes(verdict) == dict.fromkeys(outcomes(verdict), PASSED), verdict


def test_nothing_of_the_users_environment_reaches_student_code(
    grader: Grader, module: Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = "import os\ndef double(n): return sorted(k for k in os.environ if 'SECRET' in k)\ntotal = sum\n"
    monkeypatch.setenv("MY_SECRET_TOKEN", "1")
    with Grader([module], RunOptions()) as fresh:
        assert check(judged(fresh, module, {"numbers_module.py": source}), "test_double").got == "[]"


def test_a_killed_warm_parent_is_replaced(course: Course) -> None:
    module = course.modules[0]
    with Grader(course, RunOptions()) as grader:
        assert judged(grader, module, {}).outcome is PASSED
        for server in list(grader.judge._parents.values()):
            os.kill(server.pid, 9)
            server._process.wait()
        assert judged(grader, module, {}).outcome is PASSED


@pytest.mark.parametrize(
    ("suite", "said"),
    [
        ("def test_a(:\n", "SyntaxError"),
        ("import no_such_thing\n", "no_such_thing"),
        ("x = 1\n", "no checks"),
        ("def test_a(no_such_fixture): pass\n", ""),
        ("import pytest\n@pytest.fixture\ndef broken(): raise OSError('ours')\ndef test_a(broken): pass\n", ""),
    ],
)
def test_a_broken_suite_is_a_grader_error(tmp_path_factory: pytest.TempPathFactory, suite: str, said: str) -> None:
    course = small_course.make(tmp_path_factory.mktemp("broken"), suite=suite)
    with Grader(course, RunOptions()) as grader:
        verdict = judged(grader, course.modules[0], {})
    assert verdict.outcome is Outcome.GRADER_ERROR
    assert said in verdict.reason


@pytest.mark.parametrize(
    ("program", "status", "printed", "left"),
    [
        ("import sys; sys.exit()", 0, "", ""),
        ("import sys; sys.exit(7)", 7, "", ""),
        ("import sys; sys.exit('gone wrong')", 1, "gone wrong\n", ""),
        ("file = open('left.txt', 'w'); file.write('kept')", 0, "", "kept"),
        ("import atexit; atexit.register(lambda: open('left.txt', 'w').write('at exit'))", 0, "", "at exit"),
        (
            "import threading, time\n"
            "def late():\n    time.sleep(0.2)\n    open('left.txt', 'w').write('late')\n"
            "threading.Thread(target=late).start()",
            0,
            "",
            "late",
        ),
        ("print('before')\nraise ValueError('after')", 1, "ValueError: after\n", ""),
    ],
)
def test_a_program_ends_as_in_an_interpreter_of_its_own(
    grader: Grader, tmp_path_factory: pytest.TempPathFactory, program: str, status: int, printed: str, left: str
) -> None:
    suite = f"""
from mlops_grade.suite import Student
def test_end(student: Student) -> None:
    run = student.cli("program.py")
    assert run.exit_code == {status}, "status " + str(run.exit_code)
    assert run.stderr.endswith({printed!r}), run.stderr
    assert "grader" not in run.stderr, run.stderr
    got = student.read("left.txt").decode() if "left.txt" in student.files() else ""
    assert got == {left!r}
"""
    module = small_course.make(tmp_path_factory.mktemp("ending"), suite=suite).modules[0]
    verdict = judged(grader, module, {"program.py": program})
    assert verdict.outcome is PASSED, verdict.checks[0].message


def test_a_pod_can_start_many_processes_one_after_the_other(grader: Grader, module: Module) -> None:
    many = "    for _ in range(500): os.waitpid(os.fork() or os._exit(0), 0)\n"
    source = f"import os\ndef double(n):\n{many}    return 2 * n\ntotal = sum\n"
    verdict = judged(grader, module, {"numbers_module.py": source})
    assert verdict.outcome is PASSED


def test_a_server_on_another_port_is_told_which(grader: Grader, tmp_path: Path) -> None:
    suite = """
from mlops_grade.suite import Student
def test_serves(student: Student) -> None:
    with student.start("numbers_module.py", port=8000, timeout=1):
        pass
"""
    module = small_course.make(tmp_path, suite=suite).modules[0]
    serves = "import socket, time; s = socket.create_server(('', 8080)); time.sleep(60)\n"
    message = check(judged(grader, module, {"numbers_module.py": serves}), "test_serves").message
    assert "nothing listens on port 8000 after 1 s" in message
    if grader.judge.tier == "namespaces":
        assert "but something does on port 8080" in message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Traceback (most recent call last):\n  ...\nKeyError: 'lr'\n\n", "KeyError: 'lr'"),
        ("╭─ Error ─────────╮\n│ No such option: -x │\n╰───────────────────╯\n", "No such option: -x"),
        ("...\n^^^^^\n", ""),
    ],
    ids=["traceback", "framed", "nothing"],
)
def test_the_last_words_of_a_program_are_its_last_line_with_words(text: str, words: str) -> None:
    assert last_words(text) == words


def test_a_hint_of_the_mistake_comes_before_the_hint_of_the_check(grader: Grader, tmp_path: Path) -> None:
    suite = '''
from mlops_grade.suite import Student, hint

@hint("Read the text.")
def test_double(student: Student) -> None:
    """double doubles"""
    double = student.load("numbers_module").double
    with hint("Integers stay integers."):
        with hint("Twice two is four."):
            assert double(2) == 4
        assert type(double(3)) is int
    assert double(-1) == -2
'''
    module = small_course.make(tmp_path, suite=suite).modules[0]
    mistakes = {"n + 1": "Twice two is four.", "2.0 * n": "Integers stay integers.", "2 * abs(n)": "Read the text."}
    shown = {
        mistake: check(
            judged(grader, module, {"numbers_module.py": f"def double(n): return {mistake}"}), "test_double"
        ).hint
        for mistake in mistakes
    }
    assert shown == mistakes
