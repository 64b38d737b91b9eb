"""The grader's house: no wing imports one above it, and the picture in the docs shows the imports as they are."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

DRAWER = Path(__file__).resolve().parents[2] / "docs" / "draw_house.py"


@pytest.fixture(scope="module")
def drawer() -> ModuleType:
    specification = importlib.util.spec_from_file_location("draw_house", DRAWER)
    assert specification and specification.loader
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_no_two_wings_import_each_other(drawer: ModuleType) -> None:
    floors = drawer.floors(drawer.imports())
    assert floors[0] == "cli"
    assert set(floors[-3:]) == {"errors", "machine", "verdict"}


def test_student_code_is_below_everything_that_judges(drawer: ModuleType) -> None:
    assert drawer.imports()["student"] <= {"errors", "machine", "verdict"}


def test_the_picture_shows_the_imports_of_today(drawer: ModuleType) -> None:
    assert drawer.picture(drawer.imports()) == drawer.PICTURE.read_text(encoding="utf-8"), (
        "run python docs/draw_house.py"
    )
