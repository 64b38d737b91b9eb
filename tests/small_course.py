"""A course of one session and one module, small enough to be graded in a moment. For all that need no real one."""

from __future__ import annotations

import textwrap
from pathlib import Path

from mlops_grade.course.discovery import Course, Module, load_course
from mlops_grade.course.submission import Submission

SETTINGS = """
title = "Numbers"
core = true
submit = ["numbers_module.py", "program.py", "data/*.csv"]
provide = ["given.txt"]
timeout = 20
"""

SKELETON = '''
def double(number: int) -> int:
    """Twice the number."""
    raise NotImplementedError("TODO: double the number")


def total(numbers: list[int]) -> int:
    """The sum of the numbers."""
    raise NotImplementedError("TODO: add the numbers up")
'''

PROGRAM_SKELETON = '''
"""Print twice the number given."""
raise NotImplementedError("TODO: print twice the number")
'''

SOLUTION = """
def double(number: int) -> int:
    return 2 * number


def total(numbers: list[int]) -> int:
    return sum(numbers)
"""

PROGRAM = """
import sys

from numbers_module import double

print(double(int(sys.argv[1])))
"""

SUITE = '''
"""Hidden suite of the small module."""

from mlops_grade.suite import Student, extra, hint


@hint("Twice two is four.")
def test_double(student: Student, seed: int) -> None:
    """double(n) is twice n"""
    number = seed % 1000 + 3
    assert student.load("numbers_module").double(number) == 2 * number


@hint("Add them up.")
def test_total(student: Student) -> None:
    """total adds all numbers up"""
    assert student.load("numbers_module").total([3, 4, 5]) == 12, "the sum is off"


@hint("Print the number.")
def test_program(student: Student) -> None:
    """program.py prints twice its argument"""
    run = student.cli("program.py", "21", timeout=10)
    assert run.exit_code == 0, "program.py failed"
    assert run.stdout == "42\\n"


@extra
@hint("Only for the keen.")
def test_negative(student: Student) -> None:
    """double works for negative numbers too"""
    assert student.load("numbers_module").double(-4) == -8
'''

RIGHT = {"numbers_module.py": SOLUTION, "program.py": PROGRAM, "data/rows.csv": "a,b\n"}


def make(root: Path, suite: str = SUITE, settings: str = SETTINGS) -> Course:
    """Write the course below `root` and load it."""
    module = root / "s1_first" / "m01_numbers"
    write(
        module,
        {
            "module.toml": settings,
            "README.md": "# Numbers\n",
            "numbers_module.py": SKELETON,
            "program.py": PROGRAM_SKELETON,
            "data/rows.csv": "a,b\n",
            "given.txt": "given\n",
            "hidden/test_numbers.py": suite,
        },
    )
    write(module / "hidden" / "solution", RIGHT)
    return load_course(root)


def write(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")


def hand_in(checkout: Path, module: Module, files: dict[str, str]) -> Path:
    """A student's checkout with these files in the module's folder; gives that folder."""
    folder = checkout / module.folder
    write(folder, {**RIGHT, **files})
    return folder


def submission(files: dict[str, str]) -> Submission:
    """Right work with some files replaced, in memory."""
    return Submission({path: textwrap.dedent(text).encode() for path, text in {**RIGHT, **files}.items()})
