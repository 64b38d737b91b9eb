"""The judge opens its own suite, the environment and nothing else; and what a suite is told that needs more."""

from __future__ import annotations

from pathlib import Path

import pytest

import small_course
from mlops_grade.course.discovery import Module
from mlops_grade.judge.fence import missing_layers
from mlops_grade.judge.grader import Grader, RunOptions
from mlops_grade.prove.rules import broken_rules
from mlops_grade.student.isolation import Tier
from mlops_grade.verdict import Check, ModuleVerdict, Outcome

STRANGE = "/etc/hostname"


@pytest.fixture
def module(tmp_path: Path) -> Module:
    """A module of this test's own."""
    return small_course.make(tmp_path / "course").modules[0]


def judged(grader: Grader, module: Module, suite: str) -> ModuleVerdict:
    (module.hidden / "test_numbers.py").write_text(suite)
    return grader.grade(module, small_course.submission({}))


def only_check(verdict: ModuleVerdict) -> Check:
    assert not verdict.reason
    [check] = verdict.checks
    return check


BEFORE = {
    "opens": f"    open({STRANGE!r})\n",
    "opens with os": f"    import os\n    os.open({STRANGE!r}, os.O_RDONLY)\n",
    "writes": "    open('/tmp/of-a-suite', 'w')\n",
    "starts": "    import subprocess\n    subprocess.run(['true'])\n",
    "forks": "    import os\n    os.fork()\n",
    "connects": "    import socket\n    socket.create_connection(('127.0.0.1', 9))\n",
    "unpickles": "    import pickle, decimal\n    pickle.loads(pickle.dumps(decimal.Decimal(1)))\n",
    "the solution": "    open(__file__.replace('test_numbers.py', 'solution/numbers_module.py'))\n",
}


@pytest.mark.parametrize("body", BEFORE.values(), ids=BEFORE.keys())
def test_what_a_suite_may_not_do_is_an_authors_error_that_says_what_to_do(
    grader: Grader, module: Module, body: str
) -> None:
    check = only_check(judged(grader, module, f"def test_it(student):\n{body}"))
    assert (check.outcome, check.reason) == (Outcome.GRADER_ERROR, "fenced"), check.message
    assert "inspector" in check.message


def test_after_a_students_answer_the_same_fails_the_check_and_is_marked(grader: Grader, module: Module) -> None:
    check = only_check(judged(grader, module, f"def test_it(student):\n    student.files()\n    open({STRANGE!r})\n"))
    assert (check.outcome, check.reason) == (Outcome.NOT_PASSED, "fenced")


NATIVE = {
    "opens": f"assert libc.open({STRANGE!r}.encode(), 0) == -1",
    "starts": "assert libc.fork() == -1",
    "calls": "assert libc.socket(2, 1, 0) == -1",
    "writes": "assert libc.open(b'/tmp/of-a-suite', 0o101, 0o600) == -1",
}


@pytest.mark.skipif(bool(missing_layers()), reason="this machine has neither Landlock nor seccomp")
@pytest.mark.parametrize("tier", [None, Tier.LIMITS], ids=["best tier", "limits"])
@pytest.mark.parametrize("attempt", NATIVE.values(), ids=NATIVE.keys())
def test_native_code_is_held_by_the_kernel(module: Module, attempt: str, tier: Tier | None) -> None:
    suite = f"import ctypes\ndef test_it():\n    libc = ctypes.CDLL(None, use_errno=True)\n    {attempt}\n"
    with Grader([], RunOptions(isolation=tier), 1) as grader:
        assert only_check(judged(grader, module, suite)).outcome is Outcome.PASSED


ALLOWED = {
    "its own files": "    assert (hidden / 'test_numbers.py').read_text() and list(hidden.iterdir())\n",
    "the given files": "    assert (hidden.parent / 'README.md').read_text()\n",
    "temporary files": "    (tmp_path / 'x').write_text('y')\n    assert (tmp_path / 'x').read_text() == 'y'\n",
    "late imports": "    import sqlite3, xml.dom.minidom, mlops_course.digits\n",
    "threads": "    import threading\n    t = threading.Thread(target=print)\n    t.start()\n    t.join()\n",
    "an empty working folder": "    import os\n    assert os.listdir() == []\n",
    "an event loop": "    import asyncio\n    asyncio.run(asyncio.sleep(0))\n",
}


@pytest.mark.parametrize("body", ALLOWED.values(), ids=ALLOWED.keys())
def test_what_a_suite_needs_works(grader: Grader, module: Module, body: str) -> None:
    check = only_check(judged(grader, module, f"def test_it(hidden, tmp_path):\n{body}"))
    assert check.outcome is Outcome.PASSED, check.message


def test_spawned_pods_need_no_program_started_by_the_judge(module: Module) -> None:
    with Grader([], RunOptions(start="spawn"), 1) as grader:
        suite = "def test_it(student):\n    assert student.load('numbers_module').double(4) == 8\n"
        assert only_check(judged(grader, module, suite)).outcome is Outcome.PASSED


# ------------------------------------------------------------------------------------------------ the inspector

INSPECTED = {
    "holds the files": "    assert b'double' in inspector.read('numbers_module.py')\n",
    "runs a tool": "    run = inspector.cli('-m', 'tokenize', 'numbers_module.py')\n"
    "    assert run.exit_code == 0 and 'double' in run.stdout\n",
    "runs a command": "    assert inspector.cli('cat', 'numbers_module.py').stdout\n",
    "takes what code made": "    student.write('out/a.txt', 'made')\n"
    "    assert inspector.take(student, 'out/**') == ['out/a.txt'] and inspector.read('out/a.txt') == b'made'\n",
    "runs a probe": "    assert inspector.run(length, 'numbers_module.py') > 10\n",
    "runs no file": "    with pytest.raises(ValueError, match='student.cli'):\n        inspector.cli('program.py')\n",
}
PROBE = (
    "import pytest\nfrom mlops_grade.suite import probe\n@probe\ndef length(path):\n    return len(open(path).read())\n"
    "@probe\ndef imports(name):\n    import importlib\n    return importlib.import_module(name).__file__\n"
)


@pytest.mark.parametrize("body", INSPECTED.values(), ids=INSPECTED.keys())
def test_the_inspector(grader: Grader, module: Module, body: str) -> None:
    check = only_check(judged(grader, module, f"{PROBE}def test_it(student, inspector):\n{body}"))
    assert check.outcome is Outcome.PASSED, check.message


TRAP = b"raise SystemExit('student code ran')\n"


@pytest.mark.parametrize(
    "asked", ["inspector.run(imports, 'tokenize')", "inspector.cli('-m', 'tokenize', 'program.py')"]
)
def test_no_file_of_the_inspectors_workspace_is_imported(grader: Grader, module: Module, asked: str) -> None:
    suite = f"{PROBE}def test_it(inspector):\n    for n in ('tokenize', 're', 'sitecustomize', 'token'):\n"
    suite += f"        inspector.write(n + '.py', {TRAP!r})\n    print({asked})\n"
    check = only_check(judged(grader, module, suite))
    assert check.outcome is Outcome.PASSED, check.message


def test_the_inspector_cannot_read_what_is_hidden(grader: Grader, module: Module) -> None:
    if grader.judge.tier is Tier.LIMITS:
        pytest.skip("this machine fences no files")
    suite = f"{PROBE}def test_it(inspector, hidden):\n    inspector.run(length, str(hidden / 'test_numbers.py'))\n"
    check = only_check(judged(grader, module, suite))
    assert check.outcome is Outcome.NOT_PASSED
    assert "No such file" in check.message or "Permission denied" in check.message


# --------------------------------------------------------------------------------- a judge that a value stops

HANGS = (
    "def test_first(student):\n    assert student.load('numbers_module').double(4) == 8\n"
    "def test_hangs(student):\n    number = student.load('numbers_module').double(4)\n"
    "    keys = [2.0 ** (61 * k) for k in range(-9, 9)]\n"
    "    values = [tuple(x) for x in __import__('itertools').product(keys, repeat=4)]\n"
    "    set(values[: number * 10_000])\n"
    "def test_last(student):\n    assert student.load('numbers_module').double(5) == 10\n"
)


def test_a_call_that_does_not_end_over_a_students_value_fails_its_check_and_the_others_run(
    grader: Grader, module: Module
) -> None:
    verdict = judged(grader, module, HANGS)
    assert verdict.outcome is Outcome.NOT_PASSED, verdict.reason
    assert {check.name: check.outcome for check in verdict.checks} == {
        "test_first": Outcome.PASSED, "test_hangs": Outcome.NOT_PASSED, "test_last": Outcome.PASSED
    }  # fmt: skip
    [stopped] = verdict.failed
    assert stopped.reason == "timeout"
    assert "what your code gave back" in stopped.message


DIES = (
    "import os\ndef test_dies(student):\n    if student.load('numbers_module').double(4):\n        os.abort()\n"
    "def test_last(student):\n    assert student.load('numbers_module').double(5) == 10\n"
)


def test_a_judge_that_dies_twice_over_a_students_value_fails_that_check_alone(grader: Grader, module: Module) -> None:
    verdict = judged(grader, module, DIES)
    outcomes = {check.name: (check.outcome, check.reason) for check in verdict.checks}
    assert outcomes == {"test_dies": (Outcome.NOT_PASSED, "died"), "test_last": (Outcome.PASSED, "")}


# ------------------------------------------------------------------------------------------------------- rules

BROKEN = {
    "import subprocess\n": "subprocess",
    "import os\ndef test_x():\n    os.execvp('a', [])\n": "os.execvp",
    "from yaml import safe_load\n": "read_yaml",
    "import yaml as y\nx = y.load('')\n": "read_yaml",
    "import onnx\nonnx.load_model_from_string(b'')\n": "inspector",
    "from PIL import Image\nImage.open('x')\n": "inspector",
    "import pandas as pd\npd.read_parquet('x')\n": "inspector",
    "eval('1')\n": "probe",
}


@pytest.mark.parametrize(("source", "told"), BROKEN.items(), ids=BROKEN.values())
def test_a_suite_that_breaks_the_rules_is_told_the_line_and_the_remedy(module: Module, source: str, told: str) -> None:
    (module.hidden / "helper_of_it.py").write_text(source)
    (module.hidden / "test_numbers.py").write_text("import helper_of_it\n")
    [fault] = broken_rules(module)
    assert "helper_of_it.py, line" in fault
    assert told in fault


def test_probes_and_files_for_pods_may_do_what_they_like(module: Module) -> None:
    (module.hidden / "sent.py").write_text("import subprocess\n")
    (module.hidden / "test_numbers.py").write_text(
        "from mlops_grade.suite import probe\n@probe\ndef look(path):\n    import zipfile\n    return eval(path)\n"
        "import onnx\nmodel = onnx.helper.make_model\n"
    )
    assert broken_rules(module) == []
