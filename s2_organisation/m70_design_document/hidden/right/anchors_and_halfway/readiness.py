"""The ML test score: is a system ready for production?"""

import dataclasses
import enum

import questions


class Answer(enum.Enum):
    """An answer, and twice its points."""

    no = (0, 0)
    undocumented = (0, 1)
    manual = (1, 2)
    automated = (2, 3)


@dataclasses.dataclass(frozen=True)
class Score:
    """The result of the 28 questions."""

    sections: dict[str, float]
    total: float
    level: str
    weakest: list[str]


def level_of(total: float) -> str:
    if total > 5:
        return "exceptional"
    if total > 3:
        return "strong"
    if total > 2:
        return "fair"
    if total > 1:
        return "basic"
    return "holes" if total else "research"


def ml_test_score(answers) -> Score:
    """Return the score of a system, from the answer to each question's id: no, undocumented, manual or automated."""
    section_of = {key: name for name, keys in questions.QUESTIONS.items() for key in keys}
    halves = dict.fromkeys(questions.QUESTIONS, 0)
    for key, word in answers.items():
        try:
            halves[section_of[key]] += Answer[word].value[0]
        except (KeyError, TypeError):
            raise ValueError(f"{key}: {word}") from None
    sections = {name: points / 2 for name, points in halves.items()}
    total = min(sections.values())
    weakest = sorted(name for name in sections if sections[name] == total)
    return Score(sections=sections, total=total, level=level_of(total), weakest=weakest)
