"""The ML test score, an enumeration and a class that counts."""

from collections.abc import Iterable, Mapping
from enum import Enum
from functools import cached_property

from questions import QUESTIONS


class Answer(Enum):
    NO = "no"
    UNDOCUMENTED = "undocumented"
    MANUAL = "manual"
    AUTOMATED = "automated"

    @property
    def points(self) -> float:
        return {Answer.MANUAL: 0.5, Answer.AUTOMATED: 1.0}.get(self, 0.0)


class Score:
    def __init__(self, sections: dict[str, float]) -> None:
        self.sections = sections

    @cached_property
    def total(self) -> float:
        return sorted(self.sections.values())[0]

    @property
    def level(self) -> str:
        if self.total > 5:
            return "exceptional"
        if self.total > 3:
            return "strong"
        if self.total > 2:
            return "fair"
        if self.total > 1:
            return "basic"
        return "holes" if self.total else "research"

    @property
    def weakest(self) -> list[str]:
        return [name for name in self.sections if self.sections[name] <= self.total]


def ml_test_score(answers: Mapping[str, str]) -> Score:
    left = {question: Answer(answer) for question, answer in answers.items()}
    sections = {section: _sum(left.pop(name, Answer.NO) for name in names) for section, names in QUESTIONS.items()}
    if left:
        raise ValueError(f"not among the 28: {sorted(left)}")
    return Score(sections)


def _sum(answers: Iterable[Answer]) -> float:
    return sum((answer.points for answer in answers), start=0.0)
