"""Some of a module's wrong solutions: few enough for each commit, and in the end all of them."""

from __future__ import annotations

from pathlib import Path

from mlops_grade.course.discovery import load_course
from mlops_grade.prove import exercises
from mlops_grade.prove.lines import Draw

MODULE = load_course(Path(__file__).resolve().parents[2]).module("m01")
ALL = exercises.wrong(MODULE)


def names(most: int, key: str) -> set[str]:
    return {variant.name for variant in Draw(most, key).of(MODULE, ALL)}


def test_it_takes_so_many_and_the_same_ones_for_the_same_key() -> None:
    assert len(names(5, "a commit")) == 5
    assert names(5, "a commit") == names(5, "a commit")


def test_other_keys_draw_others_until_all_were_drawn() -> None:
    drawn = [names(5, f"commit {number}") for number in range(40)]
    assert len(set(map(frozenset, drawn))) > 30
    assert set().union(*drawn) == {variant.name for variant in ALL}


def test_it_takes_all_where_there_are_no_more() -> None:
    assert names(1000, "a commit") == {variant.name for variant in ALL}
