"""Points in half steps, counted as whole numbers."""

from bisect import bisect_left
from types import SimpleNamespace

import questions

HALVES = dict(no=0, undocumented=0, manual=1, automated=2)
WORDS = "research holes basic fair strong exceptional".split()
SECTION_OF = {name: section for section, names in questions.QUESTIONS.items() for name in names}


def ml_test_score(answers):
    if wrong := set(answers) - set(SECTION_OF):
        raise ValueError(f"no such questions: {wrong}")
    if wrong := set(answers.values()) - set(HALVES):
        raise ValueError(f"no such answers: {wrong}")
    halves = dict.fromkeys(questions.QUESTIONS, 0)
    for name, answer in answers.items():
        halves[SECTION_OF[name]] += HALVES[answer]
    total = min(halves.values())
    return SimpleNamespace(
        sections={section: count / 2 for section, count in halves.items()},
        total=total / 2,
        level=WORDS[bisect_left([0, 2, 4, 6, 10], total)],
        weakest=tuple(reversed([section for section in halves if halves[section] == total])),
    )
