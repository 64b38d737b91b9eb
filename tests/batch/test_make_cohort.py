"""The synthetic cohort: the same seed gives the same commits, and the batch copes with every kind of fork in it."""

from __future__ import annotations

import csv
import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from builders import run_batch
from mlops_grade.batch.cohort import load_cohort
from mlops_grade.batch.ledger import Ledger
from mlops_grade.batch.store import Store
from mlops_grade.course.discovery import Course

pytestmark = pytest.mark.slow
STUDENTS = 16
REASONS = {"absent": "no folder", "empty": "is empty", "damaged": "damaged", "far too large": "larger than 8 MiB"}


@pytest.fixture
def maker(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module, with every kind of fork equally likely."""
    file = Path(__file__).parents[2] / "benchmarks" / "make_cohort.py"
    spec = importlib.util.spec_from_file_location("make_cohort", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "make_cohort", module)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "KINDS", dict.fromkeys(module.KINDS, 1))
    return module


def tips(folder: Path) -> list[str]:
    words = ["git", "rev-parse", "--quiet", "--verify", "main"]
    forks = sorted((folder / "forks").iterdir())
    return [subprocess.run(words, cwd=fork, capture_output=True, text=True).stdout for fork in forks]


def test_the_seed_decides_everything(maker: ModuleType, course: Course, tmp_path: Path) -> None:
    for name, seed in (("one", 1), ("again", 1), ("other", 2)):
        maker.make_cohort(tmp_path / name, course, [], 6, seed, 0.3)
    assert tips(tmp_path / "one") == tips(tmp_path / "again")
    assert tips(tmp_path / "one") != tips(tmp_path / "other")


def test_every_kind_of_fork_gets_its_row(maker: ModuleType, course: Course, tmp_path: Path, store_path: Path) -> None:
    maker.make_cohort(tmp_path / "cohort", course, [], STUDENTS, 3, 0.3)
    cohort = load_cohort(tmp_path / "cohort")
    with (tmp_path / "cohort/roster.csv").open() as file:
        kinds = {row["student"]: row["kind"] for row in csv.DictReader(file)}
    assert set(kinds.values()) == set(maker.KINDS), "the seed draws every kind"
    run_batch(course, cohort, store_path)
    with Store(store_path) as store:
        forks = Ledger(store, cohort.name).forks()
    for student, kind in kinds.items():
        assert REASONS.get(kind, "") in forks[student].reason
        assert bool(forks[student].reason) == (kind in REASONS)
