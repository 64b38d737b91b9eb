from __future__ import annotations

from typing import Any

from schema import System


class Rules(System):
    """A system that knows what it is."""

    def prohibited(self) -> bool:
        watched = self.area == "employment" or self.area == "education"
        emotions = "emotion_recognition" in self.uses and watched and not self.medical_or_safety_reason
        return emotions or not {"social_scoring", "manipulation", "face_scraping"}.isdisjoint(self.uses)

    def high(self) -> bool:
        excused = self.area == "other" or (self.role != "decides" and not self.profiles_people)
        product = self.safety_component and self.third_party_assessment
        return product or not excused or "emotion_recognition" in self.uses

    def transparency(self) -> bool:
        return not {"chat", "synthetic_media"}.isdisjoint(self.uses)

    def minimal(self) -> bool:
        return True


def risk_class(description: dict[str, Any]) -> str:
    system = Rules(**description)
    classes = (system.prohibited, system.high, system.transparency, system.minimal)
    return next(each.__name__ for each in classes if each())
