"""The rules of the exercise, as one table of conditions, and systems for them."""

from typing import Any

import numpy as np

AREAS = (
    "biometrics",
    "infrastructure",
    "education",
    "employment",
    "essential_services",
    "law_enforcement",
    "migration",
    "justice",
    "other",
)
ROLES = ("decides", "narrow_procedure", "improves_human_work", "finds_deviations", "prepares")
USES = (
    "prediction",
    "chat",
    "synthetic_media",
    "emotion_recognition",
    "social_scoring",
    "manipulation",
    "face_scraping",
)
FLAGS = ("profiles_people", "safety_component", "third_party_assessment", "medical_or_safety_reason")


def system(**said: Any) -> dict[str, Any]:
    """Describe a system that is minimal but for what is said."""
    plain = {"uses": ["prediction"], "area": "other", "role": "decides", **dict.fromkeys(FLAGS, False)}
    return {**plain, **said}


def any_system(rng: np.random.Generator) -> dict[str, Any]:
    """Describe a system of any kind; prohibited uses are rare, so that the other rules are met as well."""
    weights = np.array([6, 3, 3, 2, 0.5, 0.5, 0.5])
    uses = rng.choice(USES, size=int(rng.integers(1, 4)), replace=False, p=weights / weights.sum())
    area = "other" if rng.random() < 0.4 else str(rng.choice(AREAS))
    flags = {flag: bool(rng.random() < 0.4) for flag in FLAGS}
    return system(uses=[str(use) for use in uses], area=area, role=str(rng.choice(ROLES)), **flags)


def class_of(said: dict[str, Any]) -> str:
    """Return the class by the exercise's table."""
    uses = set(said["uses"])
    emotions = "emotion_recognition" in uses
    if uses & {"social_scoring", "manipulation", "face_scraping"}:
        return "prohibited"
    if emotions and said["area"] in ("employment", "education") and not said["medical_or_safety_reason"]:
        return "prohibited"
    if emotions or (said["safety_component"] and said["third_party_assessment"]):
        return "high"
    if said["area"] != "other" and (said["role"] == "decides" or said["profiles_people"]):
        return "high"
    return "transparency" if uses & {"chat", "synthetic_media"} else "minimal"
