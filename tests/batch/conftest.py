from __future__ import annotations

from pathlib import Path

import pytest

from builders import make_course
from mlops_grade.course.discovery import Course


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return make_course(tmp_path / "course")


@pytest.fixture
def store_path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "verdicts.sqlite"
