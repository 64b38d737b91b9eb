"""Hidden suite of m47, the rules: what class a system is of."""

from typing import Any

import numpy as np
from law import any_system, class_of, system

from mlops_grade.suite import Student, hint, probe


@probe
def classes(descriptions: list[dict[str, Any]]) -> list[str]:
    from pydantic import ValidationError
    from risk import risk_class

    found = []
    for description in descriptions:
        try:
            found.append(str(risk_class(description)))
        except ValidationError:
            found.append("ValidationError")
        except Exception as error:
            found.append(type(error).__name__)
    return found


EMOTIONS = ["prediction", "emotion_recognition"]
CASES: list[tuple[str, dict[str, Any], str]] = [
    ("a system that predicts the weather", system(), "What no rule fits is minimal."),
    ("a social score", system(uses=["chat", "social_scoring"]), "One prohibited use among others is enough."),
    ("a system that scrapes faces", system(uses=["face_scraping"], medical_or_safety_reason=True),
     "The medical or safety reason excuses emotion recognition, nothing else."),
    ("emotions at work", system(uses=EMOTIONS, area="employment"), "In employment and education that is prohibited."),
    ("emotions at work, for safety", system(uses=EMOTIONS, area="employment", medical_or_safety_reason=True),
     "With such a reason it is not prohibited: the next rule decides."),
    ("emotions in a shop", system(uses=["chat", "emotion_recognition"]), "Other emotion recognition is high."),
    ("emotions at work, for safety, that prepare",
     system(uses=EMOTIONS, area="education", medical_or_safety_reason=True, role="prepares"),
     "The role excuses the area, not the use."),
    ("a part of a lift", system(safety_component=True, third_party_assessment=True), "Both are given."),
    ("a safety component of a toy that nobody assesses", system(safety_component=True), "Both have to be given."),
    ("a product's assessed part that has nothing to do with safety", system(third_party_assessment=True),
     "Both have to be given."),
    ("a lift's part that prepares", system(safety_component=True, third_party_assessment=True, role="prepares"),
     "The role excuses the area, not the product."),
    ("a system that hires", system(area="employment"), "An area other than `other` makes it high."),
    ("a chat that hires", system(uses=["chat"], area="employment"), "The first class that fits, from the top."),
    ("a system that sorts applications", system(area="employment", role="narrow_procedure"),
     "A role other than `decides` is excused."),
    ("a system that sorts applicants by profile",
     system(area="employment", role="narrow_procedure", profiles_people=True), "Profiling people is never excused."),
    ("a system that profiles visitors of a shop", system(profiles_people=True),
     "Profiling makes nothing high by itself: it takes the excuse away."),
    ("a chat that prepares files for a judge", system(uses=["chat"], area="justice", role="prepares"),
     "What is not high goes on to the next rule."),
    ("a system that makes films", system(uses=["synthetic_media"]), "Synthetic media want transparency."),
    ("a system that chats", system(uses=["prediction", "chat"]), "Who chats with people has to say what it is."),
]  # fmt: skip


@hint("Go through the table from the top, and stop at the first class that fits.")
def test_classes(shared_student: Student, rng: np.random.Generator) -> None:
    """risk_class gives the first class that fits"""
    found = shared_student.run(classes, [described for _, described, _ in CASES])
    for (what, described, why), got in zip(CASES, found):
        with hint(why):
            assert got == class_of(described), f"the class of {what}"
    many = [any_system(rng) for _ in range(400)]
    for described, got in zip(many, shared_student.run(classes, many)):
        said = ", ".join(f"{name}={value!r}" for name, value in described.items())
        assert got == class_of(described), f"the class of a system with {said}"


@hint("Let `System` read the description before you look at it, and let its error pass.")
def test_descriptions_that_are_none(shared_student: Student, rng: np.random.Generator) -> None:
    """risk_class refuses a description that lacks something, or says what is not known"""
    whole = any_system(rng)
    lacking = str(rng.choice(sorted(whole)))
    cases = [
        ("with a misspelt field", {**system(), "profiles_peple": True}),
        (f"without `{lacking}`", {name: value for name, value in whole.items() if name != lacking}),
        ("without anything", {}),
        ("with a use that is not known", system(uses=["mind_reading"])),
        ("with an area that is not known", system(uses=["social_scoring"], area="space")),
    ]
    found = shared_student.run(classes, [described for _, described in cases])
    for (what, _), got in zip(cases, found):
        assert got == "ValidationError", f"risk_class of a description {what}"
