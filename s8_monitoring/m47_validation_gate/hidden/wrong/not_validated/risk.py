"""What the law says a system is, by what it does and where."""

from typing import Any

PROHIBITED = {"social_scoring", "manipulation", "face_scraping"}


def risk_class(description: dict[str, Any]) -> str:
    """Return "prohibited", "high", "transparency" or "minimal": the first that fits.

    Raises:
        pydantic.ValidationError: this describes no `System`.
    """
    uses, area = set(description.get("uses", [])), description.get("area", "other")
    watched = "emotion_recognition" in uses and area in {"employment", "education"}
    if uses & PROHIBITED or (watched and not description.get("medical_or_safety_reason", False)):
        return "prohibited"
    by_product = description.get("safety_component", False) and description.get("third_party_assessment", False)
    by_area = area != "other" and (description.get("role", "decides") == "decides" or description.get("profiles_people", False))
    if by_product or by_area or "emotion_recognition" in uses:
        return "high"
    return "transparency" if uses & {"chat", "synthetic_media"} else "minimal"
