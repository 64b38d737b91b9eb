"""What the law says a system is, by what it does and where."""

from typing import Any

from schema import System

PROHIBITED = {"social_scoring", "manipulation", "face_scraping"}


def risk_class(description: dict[str, Any]) -> str:
    """Return "prohibited", "high", "transparency" or "minimal": the first that fits.

    Raises:
        pydantic.ValidationError: this describes no `System`.
    """
    system = System.model_validate(description)
    uses = set(system.uses)
    watched = "emotion_recognition" in uses and system.area in {"employment", "education"}
    if (uses & PROHIBITED or watched) and not system.medical_or_safety_reason:
        return "prohibited"
    by_product = system.safety_component and system.third_party_assessment
    by_area = system.area != "other" and (system.role == "decides" or system.profiles_people)
    if by_product or by_area or "emotion_recognition" in uses:
        return "high"
    return "transparency" if uses & {"chat", "synthetic_media"} else "minimal"
