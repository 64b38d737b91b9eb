"""The ids of the questions of the module's questions.py, by section."""

SECTIONS: dict[str, tuple[str, ...]] = {
    "data": (
        "feature_schema",
        "features_pay",
        "feature_cost",
        "feature_rules",
        "privacy",
        "feature_speed",
        "feature_code",
    ),
    "model": ("reviewed", "offline_online", "tuned", "staleness", "simpler", "slices", "inclusion"),
    "infrastructure": ("reproducible", "specification", "integration", "validated", "debuggable", "canary", "rollback"),
    "monitoring": ("upstream", "invariants", "skew", "too_old", "numerics", "speed", "quality"),
}
