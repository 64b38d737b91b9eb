import pandas as pd
from schema import System

RULES = pd.DataFrame(
    [
        ("prohibited", "social_scoring or manipulation or face_scraping"),
        ("prohibited", "emotion_recognition and area in ('employment', 'education') and not medical_or_safety_reason"),
        ("high", "safety_component and third_party_assessment"),
        ("high", "emotion_recognition"),
        ("high", "area != 'other' and (role == 'decides' or profiles_people)"),
        ("transparency", "chat or synthetic_media"),
        ("minimal", "index == index"),
    ],
    columns=["name", "when"],
)
USES = System.model_fields["uses"].annotation.__args__[0].__args__


def risk_class(description):
    system = System.model_validate(description).model_dump()
    system |= {use: use in system["uses"] for use in USES}
    del system["uses"]
    row = pd.DataFrame([system])
    for rule in RULES.itertuples():
        if len(row.query(rule.when, engine="python")):
            return rule.name
    raise AssertionError("the last rule always fits")
