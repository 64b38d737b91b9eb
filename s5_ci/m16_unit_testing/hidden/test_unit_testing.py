"""Hidden suite of m16: tests, tested on right packages and on broken ones."""

import ast
import io
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import pytest
import torch
from assertions import always_true, asserts_nothing, shadowed
from broken import BROKEN

from mlops_course.digits import corrupt_mnist_tensors
from mlops_grade.suite import Inspector, Student, hint, probe

PACKAGE = "src/digit_classifier"
SOURCES = ("data.py", "model.py", "train.py")
FILES = ("test_data", "test_model", "test_training")
CACHE, OF_TOOLS = "__pycache__", (".hypothesis/", ".pytest_cache/")  # what tools keep for themselves
QUIET = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": "1"}
Outcome = Literal["passed", "failed", "skipped"]


@dataclass(frozen=True)
class Test:
    """What became of one test of the student's."""

    __test__ = False
    file: str
    name: str
    outcome: Outcome
    message: str = ""


@dataclass(frozen=True)
class TestRun:
    """One run of the student's tests."""

    __test__ = False
    exit_code: int
    tests: tuple[Test, ...]
    output: str

    def having(self, outcome: Outcome, file: str = "") -> list[Test]:
        return [test for test in self.tests if test.outcome == outcome and file in ("", test.file)]

    def complaint(self) -> str:
        """The first thing that went wrong, for the student to read."""
        for test in self.having("failed"):
            return f"{test.file}.py, {test.name}: {test.message}"
        return self.output.strip()[-600:] or f"pytest ended with status {self.exit_code}"


@dataclass(frozen=True)
class Coverage:
    """How much of the files that were imported ran, and which were not imported at all."""

    percent: float
    absent: tuple[str, ...]


def lay_out_data(student: Student, seed: int) -> None:
    for name, content in data_files(seed % 2).items():
        student.write(f"data/processed/{name}", content)


@cache
def data_files(variant: int) -> dict[str, bytes]:
    """The digits in other files and another order, one byte a pixel; made once, since many checks need them."""
    files = {}
    for name, tensor in corrupt_mnist_tensors(files=2 + variant, seed=variant).items():
        buffer = io.BytesIO()
        torch.save((tensor * 255).byte() if "images" in name else tensor, buffer)
        files[name] = buffer.getvalue()
    return files


@probe
def cases(report):
    """Of each test case of a JUnit report: class, name, outcome and message."""
    import xml.etree.ElementTree as ElementTree

    found = []
    for case in ElementTree.fromstring(report).iter("testcase"):
        outcome, message = "passed", ""
        for child in case:
            if child.tag in ("failure", "error"):
                outcome, message = "failed", (child.get("message") or child.text or "")[:400]
                break
            if child.tag == "skipped":
                outcome = "skipped"
                break
        found.append((case.get("classname") or case.get("name") or "", case.get("name", ""), outcome, message))
    return found


def run_tests(student: Student, inspector: Inspector, *options: str, before: tuple[str, ...] = ()) -> TestRun:
    # pytest's look for unraisable exceptions collects garbage twice: a third of the time that a run takes.
    arguments = (
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:unraisableexception",
        "--junitxml=junit.xml",
        *options,
        "tests",
    )
    run = student.cli("-m", *before, *arguments, env=QUIET, timeout=60)
    if "junit.xml" not in student.files("junit.xml"):
        return TestRun(run.exit_code, (), run.stdout + run.stderr)
    tests = tuple(_test(*case) for case in inspector.run(cases, student.read("junit.xml")))
    return TestRun(run.exit_code, tests, run.stdout + run.stderr)


def _test(where: str, name: str, outcome: Outcome, message: str) -> Test:
    # The class name is tests.test_data or tests.test_data.TestSizes; a file that cannot be collected has none.
    return Test(next((part for part in where.split(".") if part in FILES), where), name, outcome, message)


def given(hidden: Path, name: str) -> str:
    return (hidden.parent / PACKAGE / name).read_text()


def sources(student: Student) -> dict[str, ast.Module]:
    """The student's test files as syntax trees."""
    return {path: ast.parse(student.read(path), path) for path in sorted(student.files("tests/*.py"))}


@pytest.fixture(scope="module")
def on_given_package(shared_student: Student, shared_inspector: Inspector) -> tuple[TestRun, list[str], Coverage]:
    """One run on the given package, shared: its outcomes, the files it left, what it covered."""
    lay_out_data(shared_student, seed=1)
    before = set(shared_student.files())
    # No source is named: coverage would look for it among all modules of the warm parent, and trips over torch's.
    run = run_tests(
        shared_student, shared_inspector, before=("coverage", "run", "--rcfile=/dev/null", "--branch", "-m")
    )
    left = {
        path for path in set(shared_student.files()) - before if not path.startswith(OF_TOOLS) and CACHE not in path
    }
    options = ("--rcfile=/dev/null", f"--include={PACKAGE}/*", "-q", "-o", "coverage.json")
    shared_student.cli("-m", "coverage", "json", *options)
    if "coverage.json" not in shared_student.files("coverage.json"):
        return run, sorted(left - {"junit.xml", ".coverage"}), Coverage(0.0, SOURCES)
    report = json.loads(shared_student.read("coverage.json"))
    seen = {Path(path).name for path in report["files"]}  # a file that is never imported is not in it at all
    absent = tuple(name for name in SOURCES if name not in seen)
    covered = Coverage(float(report["totals"]["percent_covered"]), absent)
    return run, sorted(left - {"junit.xml", ".coverage"}), covered


@hint("Run pytest in the module's folder and mend what fails: the given package is right, so the test is wrong.")
def test_the_given_package_passes(on_given_package: tuple[TestRun, list[str], Coverage]) -> None:
    """Every test passes on the given package, and each of the three files holds some"""
    run = on_given_package[0]
    assert not run.having("failed") and run.exit_code == 0, run.complaint()
    for file in FILES:
        assert run.having("passed", file), f"no test of {file}.py ran and passed, though the data are there"


@hint("Test what the package promises, through its functions: not the names of its layers, not its source.")
def test_another_right_package_passes(student: Student, inspector: Inspector, hidden: Path, seed: int) -> None:
    """Every test passes on another package that keeps the same promises"""
    lay_out_data(student, seed)
    for path in sorted((hidden / "refactored").glob("*.py")):
        student.write(f"{PACKAGE}/{path.name}", path.read_text())
    run = run_tests(student, inspector)
    assert run.having("passed"), run.complaint()
    assert not run.having("failed") and run.exit_code == 0, run.complaint()


@hint("pytest.mark.skipif takes a condition: is the folder there? Tests that need no data must not be skipped with it.")
def test_without_data_tests_skip(student: Student, inspector: Inspector) -> None:
    """Without data/processed the tests that need it skip, and all others still run"""
    run = run_tests(student, inspector)
    assert not run.having("failed") and run.exit_code == 0, f"without the data this fails: {run.complaint()}"
    assert run.having("skipped", "test_data"), "no test of test_data.py skips when the data are absent"
    for file in ("test_model", "test_training"):
        assert run.having("passed", file), (
            f"without the data no test of {file}.py runs: its promises need no data files"
        )


@hint("Write what you created under pytest's tmp_path, which is thrown away.")
def test_nothing_is_left_behind(on_given_package: tuple[TestRun, list[str], Coverage]) -> None:
    """The tests leave no file behind in the project"""
    run, left, _ = on_given_package
    assert run.having("passed"), run.complaint()
    assert left == [], "the tests wrote these files into the project"


@hint("`coverage run -m pytest`, then `coverage report -m` lists the lines and branches that no test reaches.")
def test_branch_coverage(on_given_package: tuple[TestRun, list[str], Coverage]) -> None:
    """The tests cover at least 90 % of the package's lines and branches"""
    run, _, coverage = on_given_package
    assert run.having("passed"), run.complaint()
    with hint("A test covers what it calls: import from digit_classifier, in the process in which pytest runs."):
        assert coverage.absent == (), "the tests never import these files of the package, so that no line of them runs"
    assert coverage.percent >= 90, f"{coverage.percent:.0f} % of lines and branches are covered"


@hint("A call that does not crash proves little: say with assert what must be true of its result.")
def test_every_test_asserts(shared_student: Student) -> None:
    """Every test asserts something"""
    trees = sources(shared_student)
    assert trees, "there is no file in tests/"
    assert asserts_nothing(trees) == [], "these tests hold no assertion"


@hint("The second function of a name replaces the first, which then never runs: rename one.")
def test_no_test_is_shadowed(shared_student: Student) -> None:
    """No test is hidden by a later one of the same name"""
    trees = sources(shared_student)
    assert trees, "there is no file in tests/"
    assert shadowed(trees) == [], "these names are defined twice in a file or class"


@hint(
    "A non-empty tuple is true, so is a thing compared with itself, and a method of unittest.TestCase that is called "
    "on the class takes your condition for self and the message for the condition."
)
def test_no_assertion_is_always_true(shared_student: Student) -> None:
    """No assertion is true whatever the package does"""
    trees = sources(shared_student)
    assert trees, "there is no file in tests/"
    assert always_true(trees) == [], "these assertions cannot fail"


class Hollow(ast.NodeTransformer):
    """Every function raises NotImplementedError; the rest stays."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.body = ast.parse("raise NotImplementedError('hollow')").body
        return node


@hint("Such a test swallows every exception, or looks only at data of its own making.")
def test_nothing_passes_on_a_hollow_package(student: Student, inspector: Inspector, hidden: Path, seed: int) -> None:
    """No test passes on a package in which every function raises NotImplementedError"""
    lay_out_data(student, seed)
    for name in SOURCES:
        student.write(f"{PACKAGE}/{name}", ast.unparse(Hollow().visit(ast.parse(given(hidden, name)))))
    run = run_tests(student, inspector)
    assert run.tests, run.complaint()
    passed = [f"{test.file}.py, {test.name}" for test in run.having("passed")]
    assert passed == [], "these tests pass though the package does nothing"


@hint("Read the promise again: which input tells a package that keeps it from one that does not?")
@pytest.mark.parametrize("name", BROKEN, ids=list(BROKEN))
def test_broken_package_is_caught(student: Student, inspector: Inspector, hidden: Path, seed: int, name: str) -> None:
    """The tests fail on a package that breaks a promise"""
    broken = BROKEN[name]
    lay_out_data(student, seed)
    student.write(f"{PACKAGE}/{broken.file}", broken.apply(given(hidden, broken.file)))
    run = run_tests(student, inspector, "-x")
    assert run.tests, run.complaint()
    todo = [test for test in run.having("failed") if "TODO" in test.message]
    assert not todo, f"{todo[0].file}.py, {todo[0].name}: {todo[0].message}"
    # A failed subtest of unittest shows in the status only.
    caught = bool(run.having("failed")) or run.exit_code == 1
    assert caught, f"your tests all pass on a package that breaks promise {broken.promise}"
