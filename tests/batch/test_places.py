"""Folders of clones and uploads as they come: every one that matches is a row, graded or with the reason."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from builders import ADD, MAIN, RIGHT, SKELETON, make_fork, run_batch, write
from mlops_grade.batch.cohort import load_cohort
from mlops_grade.batch.gradebook import Gradebook, State
from mlops_grade.batch.store import Store
from mlops_grade.course.discovery import Course

WORK = {**SKELETON, **RIGHT}


def rows(course: Course, folder: Path, store: Path, *modules: str) -> dict[str, tuple[State, str]]:
    cohort = load_cohort(folder)
    run_batch(course, cohort, store, modules=course.resolve(list(modules)))
    with Store(store) as opened:
        book = Gradebook(cohort, course.modules, opened)
        return {row.student.id: (row.cells["m01"].state, row.reason) for row in book.rows}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "autumn").mkdir()
    return tmp_path / "autumn"


@pytest.mark.parametrize("inside", ["", "mlops-main/", "mlops-main/mlops-main/"])
@pytest.mark.parametrize("is_clone", [True, False], ids=["clone", "archive"])
def test_the_course_is_found_as_deep_as_archives_nest_it(
    course: Course, folder: Path, store_path: Path, inside: str, is_clone: bool
) -> None:
    if is_clone:
        make_fork(folder / "ada" / inside, RIGHT)
    else:
        write(folder / "ada" / inside, WORK)
    write(folder / "ada", {"__MACOSX/s1_x/m01_y/._z": "", ".DS_Store": ""})
    assert rows(course, folder, store_path) == {"ada": (State.PASSED, "")}


def test_a_link_to_a_folder_beside_it_is_followed_and_no_other(
    course: Course, folder: Path, store_path: Path, tmp_path: Path
) -> None:
    make_fork(tmp_path / "elsewhere", RIGHT)
    make_fork(folder / "ada", RIGHT)
    (folder / "bob").symlink_to("ada")
    (folder / "eve").symlink_to(tmp_path / "elsewhere")
    (folder / "zoe").symlink_to(".")
    found = rows(course, folder, store_path)
    assert found["ada"] == found["bob"] == (State.PASSED, "")
    for name in ("eve", "zoe"):
        assert found[name] == (State.MISSING, "is a link that leads elsewhere: put the work itself there")


@pytest.mark.parametrize("inside", ["", "m01_add/"])
def test_a_module_s_own_files_are_graded_when_it_is_the_one_asked_for(
    course: Course, folder: Path, store_path: Path, inside: str
) -> None:
    write(folder / "ada", {f"{inside}add.py": RIGHT[ADD]})
    assert rows(course, folder, store_path, "m01") == {"ada": (State.PASSED, "")}
    state, reason = rows(course, folder, store_path)["ada"]
    assert state is State.MISSING, "whose files they are nobody can tell, where several modules are asked for"
    assert "name the module" in reason


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({}, "is an empty folder: nothing was handed in"),
        ({".DS_Store": "", "._x": ""}, "is an empty folder: nothing was handed in"),
        ({"essay.docx": "", "notes.txt": ""}, "nor a file of m01: there is essay.docx, notes.txt"),
        ({"one/" + ADD: "", "two/" + ADD: ""}, "holds the course more than once: one, two"),
    ],
)
def test_a_folder_with_something_else_is_a_row_with_the_reason(
    course: Course, folder: Path, store_path: Path, files: dict[str, str], reason: str
) -> None:
    (folder / "ada").mkdir()
    write(folder / "ada", files)
    state, said = rows(course, folder, store_path, "m01")["ada"]
    assert state is State.MISSING
    assert said.endswith(reason)


def test_an_archive_that_nobody_unpacked_is_a_row(course: Course, folder: Path, store_path: Path) -> None:
    for name in ("ada", "bob"):
        with tarfile.open(folder / f"{name}.tar.gz", "w:gz") as archive:
            archive.addfile(tarfile.TarInfo("x"), io.BytesIO())
    write(folder / "bob", WORK)
    found = rows(course, folder, store_path)
    assert found == {
        "ada": (State.MISSING, "is an archive: unpack it into a folder of that name"),
        "bob": (State.PASSED, ""),
    }


def test_six_kinds_of_folders_are_six_rows(course: Course, folder: Path, store_path: Path) -> None:
    make_fork(folder / "clone", RIGHT)
    write(folder / "zip" / "mlops-main", WORK)
    (folder / "link").symlink_to("clone")
    write(folder / "files", {"add.py": RIGHT[ADD]})
    write(folder / "other", {"holiday.jpg": ""})
    (folder / "empty").mkdir()
    assert list(rows(course, folder, store_path, "m01")) == ["clone", "empty", "files", "link", "other", "zip"]


def test_what_a_batch_wrote_itself_is_nobody_s_work(course: Course, folder: Path, store_path: Path) -> None:
    make_fork(folder / "ada", RIGHT)
    write(folder, {"report/gradebook.json": "{}", "export/m01/info.csv": "", ".mlops-grade/x": "", "cohort.toml": ""})
    assert list(rows(course, folder, store_path)) == ["ada"]


def test_a_roster_may_name_an_upload_as_well(course: Course, folder: Path, store_path: Path) -> None:
    write(folder / "uploads" / "1" / "mlops-main", {**WORK, MAIN: "DONE = 1\n"})
    write(folder, {"roster.csv": "student,repository\nada,uploads/1\n"})
    assert rows(course, folder, store_path) == {"ada": (State.PASSED, "")}
