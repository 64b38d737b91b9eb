"""What the law says a system is, by what it does and where."""

from typing import Any

from schema import System


def risk_class(description: dict[str, Any]) -> str:
    s = System.model_validate(description)
    uses = frozenset(s.uses)
    at_work_or_school = s.area in {"employment", "education"}

    if uses & {"social_scoring", "manipulation", "face_scraping"}:
        return "prohibited"
    if "emotion_recognition" in uses:
        # nothing milder than high: only a reason of medicine or safety saves it at work and at school
        return "prohibited" if at_work_or_school and not s.medical_or_safety_reason else "high"
    if s.safety_component and s.third_party_assessment:
        return "high"

    match (s.area, s.role, s.profiles_people):
        case ("other", _, _):
            pass
        case (_, "decides", _) | (_, _, True):
            return "high"

    return "transparency" if uses & {"chat", "synthetic_media"} else "minimal"
