import json

from schema import System

ANY = ("social_scoring", "manipulation", "face_scraping")
RULES = {
    "prohibited": [
        lambda s: any(use in ANY for use in s.uses),
        lambda s: (
            "emotion_recognition" in s.uses
            and s.area in ["education", "employment"]
            and s.medical_or_safety_reason is False
        ),
    ],
    "high": [
        lambda s: all([s.safety_component, s.third_party_assessment]),
        lambda s: "emotion_recognition" in s.uses,
        lambda s: s.area != "other" and s.role == "decides",
        lambda s: s.area != "other" and s.profiles_people,
    ],
    "transparency": [lambda s: "chat" in s.uses, lambda s: "synthetic_media" in s.uses],
}


def risk_class(description):
    system = System.model_validate_json(json.dumps(description))
    for name, rules in RULES.items():
        if any(rule(system) for rule in rules):
            return name
    return "minimal"
