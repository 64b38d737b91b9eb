from schema import System


def risk_class(description):
    s = System(**description)
    does = s.uses.__contains__
    if does("social_scoring") or does("manipulation") or does("face_scraping"):
        return "prohibited"
    if does("emotion_recognition"):
        if s.area in ("employment", "education") and not s.medical_or_safety_reason:
            return "prohibited"
        return "high"
    if s.safety_component and s.third_party_assessment:
        return "high"
    if s.area != "other":
        excused = s.role != "decides" and not s.profiles_people
        if not excused:
            return "high"
    if does("chat") or does("synthetic_media"):
        return "transparency"
    return "minimal"
