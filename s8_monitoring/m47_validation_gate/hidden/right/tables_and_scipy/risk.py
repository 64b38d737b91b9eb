from schema import System


def risk_class(description):
    system = System.model_validate(description).model_dump()
    uses = frozenset(system.pop("uses"))
    match system:
        case _ if uses & {"social_scoring", "manipulation", "face_scraping"}:
            return "prohibited"
        case {"area": "employment" | "education", "medical_or_safety_reason": False} if "emotion_recognition" in uses:
            return "prohibited"
        case _ if "emotion_recognition" in uses:
            return "high"
        case {"safety_component": True, "third_party_assessment": True}:
            return "high"
        case {"area": "other"}:
            pass
        case {"role": "decides"} | {"profiles_people": True}:
            return "high"
    return "transparency" if uses & {"chat", "synthetic_media"} else "minimal"
