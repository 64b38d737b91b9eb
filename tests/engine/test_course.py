"""Discovery: what the folders say, what the user's words mean, and what is said of mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

import small_course
from mlops_grade.course.discovery import Course, find_root, load_course, load_settings
from mlops_grade.errors import UsageError


@pytest.fixture
def big(tmp_path: Path) -> Course:
    for folder in ("s1_start/m01_shell", "s1_start/m02_tools", "s10_end/m40_last", "s4_debugging/m13_profiling"):
        core = "false" if folder.endswith("last") else "true"
        small_course.write(tmp_path / folder, {"module.toml": f'title = "T"\ncore = {core}\nsubmit = ["a.py"]\n'})
    return load_course(tmp_path)


def test_sessions_and_modules_are_in_the_order_of_their_numbers(big: Course) -> None:
    assert [session.id for session in big.sessions] == ["s1", "s4", "s10"]
    assert [module.id for module in big.modules] == ["m01", "m02", "m13", "m40"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], ["m01", "m02", "m13", "m40"]),
        (["s1"], ["m01", "m02"]),
        (["S1"], ["m01", "m02"]),
        (["debugging"], ["m13"]),
        (["s4_debugging"], ["m13"]),
        (["m13"], ["m13"]),
        (["profiling"], ["m13"]),
        (["m13_profiling"], ["m13"]),
        (["s4/m13"], ["m13"]),
        (["s4_debugging/m13_profiling/"], ["m13"]),
        (["m40", "m01", "s1"], ["m01", "m02", "m40"]),
        (["m1"], ["m01"]),
        (["M002"], ["m02"]),
        (["session4"], ["m13"]),
        (["Session 10"], ["m40"]),
        (["module13"], ["m13"]),
        (["m13-profiling"], ["m13"]),
        (["m1,m40"], ["m01", "m40"]),
        (["s4, m1", "m40"], ["m01", "m13", "m40"]),
        (["core"], ["m01", "m02", "m13"]),
        (["optional"], ["m40"]),
        (["Core", "s10"], ["m01", "m02", "m13", "m40"]),
        (["s1/core"], ["m01", "m02"]),
    ],
)
def test_what_the_user_types_names_modules(big: Course, words: list[str], expected: list[str]) -> None:
    assert [module.id for module in big.resolve(words)] == expected


def test_a_path_names_the_module_it_is_in(big: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = big.root / "s4_debugging" / "m13_profiling"
    assert [module.id for module in big.resolve([str(inside / "module.toml")])] == ["m13"]
    monkeypatch.chdir(inside)
    assert [module.id for module in big.resolve(["."])] == ["m13"]
    monkeypatch.chdir(inside.parent)
    assert [module.id for module in big.resolve(["m13_profiling/module.toml"])] == ["m13"]


def test_a_module_of_another_session_is_not_meant(big: Course) -> None:
    for typed in ("s1/m13", "s1/optional"):
        with pytest.raises(UsageError):
            big.resolve([typed])


@pytest.mark.parametrize(
    ("typed", "near"),
    [("profilling", "profiling"), ("m3", "m13"), ("debuging", "debugging"), ("m1,profilin", "profiling")],
)
def test_an_unknown_name_suggests_the_nearest(big: Course, typed: str, near: str) -> None:
    with pytest.raises(UsageError, match=near):
        big.resolve([typed])


def test_a_name_like_nothing_points_to_the_list(big: Course) -> None:
    with pytest.raises(UsageError, match="mlops-grade list"):
        big.resolve(["zzzzzz"])
    with pytest.raises(UsageError, match="no session or module ','"):
        big.resolve([","])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('title = "T"\ncore = true\n', "'submit' is missing"),
        ('title = "T"\ncore = "yes please"\nsubmit = ["a.py"]\n', "'core'"),
        ('title = "T"\ncore = true\nsubmit = ["a.py"]\ntimeuot = 3\n', "did you mean 'timeout'"),
        ('title = "T"\ncore = true\nsubmit = ["../other.py"]\n', "inside the module's folder"),
        ('title = "T"\ncore = true\nsubmit = ["hidden/x.py"]\n', "not in hidden/"),
        ('title = "T"\ncore = true\nsubmit = ["a.py"]\nneeds = ["luck"]\n', "'command:NAME'"),
        ('title = "T\n', "not valid TOML"),
    ],
)
def test_a_wrong_module_toml_is_named_with_key_and_remedy(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "module.toml"
    file.write_text(text)
    with pytest.raises(UsageError) as caught:
        load_settings(file)
    assert str(file) in str(caught.value)
    assert said in str(caught.value)


def test_a_missing_module_toml_is_named(tmp_path: Path) -> None:
    small_course.write(tmp_path / "s1_start" / "m01_shell", {"README.md": "x"})
    with pytest.raises(UsageError, match=r"module\.toml is missing"):
        load_course(tmp_path)


def test_two_modules_of_one_number_are_an_error(tmp_path: Path) -> None:
    for folder in ("s1_start/m01_shell", "s2_next/m01_again"):
        small_course.write(tmp_path / folder, {"module.toml": 'title = "T"\ncore = true\nsubmit = ["a.py"]\n'})
    with pytest.raises(UsageError, match="same number"):
        load_course(tmp_path)


def test_the_root_is_found_from_inside(big: Course) -> None:
    assert find_root(big.root / "s1_start" / "m01_shell") == big.root


def test_a_wrong_root_in_the_environment_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLOPS_GRADE_COURSE", str(tmp_path))
    with pytest.raises(UsageError, match="MLOPS_GRADE_COURSE"):
        find_root()
