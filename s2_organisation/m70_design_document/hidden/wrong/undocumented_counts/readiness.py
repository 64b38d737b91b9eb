"""The ML test score: is a system ready for production?"""

from collections.abc import Mapping
from dataclasses import dataclass

from questions import QUESTIONS

POINTS = {"no": 0.0, "undocumented": 0.5, "manual": 0.5, "automated": 1.0}
LEVELS = ((0, "research"), (1, "holes"), (2, "basic"), (3, "fair"), (5, "strong"), (7, "exceptional"))


@dataclass(frozen=True)
class Score:
    """The result of the 28 questions."""

    sections: dict[str, float]  # the points of each section of questions.py
    total: float
    level: str  # a word of the exercise's table
    weakest: list[str]  # the sections where work would raise the total


def ml_test_score(answers: Mapping[str, str]) -> Score:
    """Return the score of a system, from the answer to each question's id: no, undocumented, manual or automated.

    Raises ValueError for an id that is no question's, and for any other answer.
    """
    known = {question for questions in QUESTIONS.values() for question in questions}
    for question, answer in answers.items():
        if question not in known:
            raise ValueError(f"{question!r} is no question of questions.py")
        if answer not in POINTS:
            raise ValueError(f"{question}: {answer!r} is none of {', '.join(POINTS)}")
    sections = {
        section: sum(POINTS[answers.get(question, "no")] for question in questions)
        for section, questions in QUESTIONS.items()
    }
    total = min(sections.values())
    level = next(word for most, word in LEVELS if total <= most)
    return Score(sections, total, level, [section for section, points in sections.items() if points == total])
