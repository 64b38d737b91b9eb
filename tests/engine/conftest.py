"""One small course and one warm grader for all tests of the engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import small_course
from mlops_grade.course.discovery import Course, Module
from mlops_grade.judge.grader import Grader, RunOptions


@pytest.fixture(scope="session")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return small_course.make(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="session")
def module(course: Course) -> Module:
    return course.modules[0]


@pytest.fixture(scope="session")
def grader(course: Course) -> Iterator[Grader]:
    with Grader(course, RunOptions()) as grader:
        yield grader


@pytest.fixture
def checkout(tmp_path: Path, module: Module) -> Path:
    """A student's checkout with right work in it."""
    small_course.hand_in(tmp_path / "fork", module, {})
    return tmp_path / "fork"
