"""Looking for work: what tools leave behind neither hides it nor passes for it, and what is misspelt is not lost."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

import small_course
from mlops_grade.course.allowlist import search
from mlops_grade.course.misspelt import meant
from mlops_grade.course.submission import from_folder


def tree(files: Iterable[str]):
    """A listing of these paths, and the folders that were asked for."""
    asked: list[str] = []
    paths = list(files)

    def listing(folder: str) -> list[tuple[str, bool]]:
        asked.append(folder)
        prefix = f"{folder}/" if folder else ""
        inside = [path.removeprefix(prefix) for path in paths if path.startswith(prefix)]
        return sorted({(path.partition("/")[0], "/" in path) for path in inside})

    return listing, asked


# Folders that are large


@pytest.mark.parametrize(
    "bulk", ["aaa", "data", "node_modules", "src/node_modules", "src/__pycache__", "src/.mypy_cache", "src/env"]
)
def test_twenty_thousand_files_beside_the_work_do_not_hide_it(bulk: str) -> None:
    many = [f"{bulk}/{number}.py" for number in range(20_500)]
    listing, asked = tree([*many, "src/env/pyvenv.cfg", "src/work.py"])
    found = search(["src/**/*.py"], listing)
    assert (found.paths, found.gave_up) == (("src/work.py",), False)
    assert bulk == "src/env" or bulk not in asked, "it costs nothing"


def test_data_is_looked_at_where_it_is_asked_for() -> None:
    files = ["data/rows.csv", "src/data/make.py"]
    assert search(["data/*.csv"], tree(files)[0]).paths == ("data/rows.csv",)
    assert search(["**/*.py"], tree(files)[0]).paths == ("src/data/make.py",)
    assert search(["**/*.csv"], tree(files)[0]).paths == ()


def test_a_limit_that_is_hit_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlops_grade.course.allowlist.search.__defaults__", (3,))
    small_course.write(tmp_path, {f"src/{name}/x.py": "" for name in "abcd"})
    taken = from_folder(tmp_path, ("src/**/*.md",))
    assert "among the first 20,000 files and folders" in taken.problems[0].reason
    assert "only the first 20,000" in taken.notes[0]


def test_work_near_the_top_is_found_before_the_limit_is_hit() -> None:
    listing, _ = tree([*(f"src/aaa/{number}.txt" for number in range(20_500)), "src/work.py"])
    found = search(["src/**/*.py"], listing)
    assert (found.paths, found.gave_up) == (("src/work.py",), True)


# What is left behind


@pytest.mark.parametrize(
    "left",
    [
        "src/._work.py", "src/.ipynb_checkpoints/work.py", "src/~$work.py", "src/.#work.py", "src/#work.py#",
        "src/work.py~", "src/.work.py.swp", "src/work (Ada's conflicted copy 2027-01-22).py",
        "src/work.sync-conflict-20270122-101010-ABC.py", "src/.DS_Store", "src/Thumbs.db", "src/desktop.ini",
        "src/__MACOSX/work.py",
    ],
)  # fmt: skip
def test_what_systems_and_editors_leave_is_never_work(left: str) -> None:
    assert search(["src/**"], tree([left, "src/work.py"])[0]).paths == ("src/work.py",)


def test_a_name_that_only_looks_alike_is_work() -> None:
    files = ("src/_private.py", "src/__init__.py", "src/copy.py", "src/conflicts.py", "src/.env")
    assert set(search(["src/**"], tree(files)[0]).paths) == set(files)


# What is misspelt


@pytest.mark.parametrize(
    ("wanted", "there"),
    [
        ("requirements.txt", "Requirements.txt"),
        ("requirements.txt", "requirements.txt.txt"),
        ("environment.yml", "environment.yaml"),
        (".github/workflows/tests.yaml", ".github/workflows/tests.yml"),
        (".github/workflows/tests.yaml", ".github/tests.yml"),
        ("model.py", "model.ipynb"),
        ("model.py", "model.py.txt"),
        ("model.py", "model (1).py"),
        ("train_model.py", "train-model.py"),
        ("Dockerfile", "dockerfile.txt"),
        ("tests/test_data.py", "Tests/test_data.py"),
        ("optimised.py", "optimized.py"),
        ("model.py", "my-repository/model.py"),
    ],
)
def test_the_file_that_was_meant_is_named(wanted: str, there: str) -> None:
    assert meant(wanted, tree([there, "notes.md"])[0], [wanted]) == there


@pytest.mark.parametrize("other", ["trainer.py", "README.md", "data.csv", "hidden/solution/model.py", "._model.py"])
def test_another_file_is_not_taken_for_it(other: str) -> None:
    assert meant("model.py", tree([other])[0], ["model.py"]) == ""


def test_what_is_due_itself_or_given_is_not_meant_instead() -> None:
    assert meant("train.py", tree(["trains.py", "src/train.py"])[0], ["train.py", "trains.py", "src/*.py"]) == ""


def test_the_reason_asks_whether_it_was_meant(tmp_path: Path) -> None:
    small_course.write(tmp_path, {"tests.yml": ""})
    (problem,) = from_folder(tmp_path, ("tests.yaml",)).problems
    assert problem.reason == "was not handed in; there is `tests.yml`: did you mean that?"
