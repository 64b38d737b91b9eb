"""What the law says a system is: the rules as a table, from the strictest down."""

from collections.abc import Callable
from typing import Any

from schema import System


def _prohibited(s: System) -> bool:
    if not {"social_scoring", "manipulation", "face_scraping"}.isdisjoint(s.uses):
        return True
    watched = "emotion_recognition" in s.uses and s.area in ("employment", "education")
    return watched and not s.medical_or_safety_reason


def _high(s: System) -> bool:
    return any(
        (
            s.safety_component and s.third_party_assessment,
            "emotion_recognition" in s.uses,  # the forbidden kind was sorted out before
            s.area != "other" and (s.role == "decides" or s.profiles_people),
        )
    )


RULES: tuple[tuple[str, Callable[[System], bool]], ...] = (
    ("prohibited", _prohibited),
    ("high", _high),
    ("transparency", lambda s: "chat" in s.uses or "synthetic_media" in s.uses),
    ("minimal", lambda _: True),
)


def risk_class(description: dict[str, Any]) -> str:
    system = System.model_validate(description)
    return next(name for name, fits in RULES if fits(system))
