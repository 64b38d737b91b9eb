"""The ML test score: is a system ready for production?"""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass

from questions import QUESTIONS

POINTS = {"automated": 1.0, "manual": 0.5, "undocumented": 0.0, "no": 0.0}
UP_TO = [0, 1, 2, 3, 5]
LEVELS = ["research", "holes", "basic", "fair", "strong", "exceptional"]


@dataclass(frozen=True)
class Score:
    """The result of the 28 questions."""

    sections: dict[str, float]  # the points of each section of questions.py
    total: float
    level: str  # a word of the exercise's table
    weakest: list[str]  # the sections where work would raise the total


def ml_test_score(answers: Mapping[str, str]) -> Score:
    """Return the score of a system, from the answer to each question's id: no, undocumented, manual or automated."""
    if unknown := set(answers) - {key for section in QUESTIONS.values() for key in section}:
        raise ValueError(f"no such question: {sorted(map(str, unknown))}")
    if odd := [answer for answer in answers.values() if answer not in POINTS]:
        raise ValueError(f"no such answer: {odd}")
    sections = {
        name: sum(POINTS[answers.get(key, "no")] for key in section) for name, section in QUESTIONS.items()
    }
    total = min(sections.values())
    weakest = [name for name, points in sections.items() if points == total]
    return Score(sections, total, LEVELS[bisect_left(UP_TO, total)], weakest)
