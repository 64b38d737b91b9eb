"""The 28 questions of the ML test score, in short, after Breck and others (2017): by section, by id."""

QUESTIONS: dict[str, dict[str, str]] = {
    "data": {
        "feature_schema": "Is what a feature may look like written down as a schema, and checked?",
        "features_pay": "Is it known of each feature that it helps?",
        "feature_cost": "Is no feature dearer than what it brings?",
        "feature_rules": "Do features keep to the rules that forbid some of them?",
        "privacy": "Is personal data guarded throughout the pipeline?",
        "feature_speed": "Can a new feature be added quickly?",
        "feature_code": "Is the code that makes features tested?",
    },
    "model": {
        "reviewed": "Is every model specification reviewed, and in version control?",
        "offline_online": "Do offline metrics move with what users feel?",
        "tuned": "Have all hyperparameters been tuned?",
        "staleness": "Is it known what an old model costs?",
        "simpler": "Is a simpler model no better?",
        "slices": "Is quality sufficient on every important slice of the data?",
        "inclusion": "Has the model been tested for whom it treats worse?",
    },
    "infrastructure": {
        "reproducible": "Does training twice give the same model?",
        "specification": "Is the model's own code tested, without a full training?",
        "integration": "Is the whole pipeline tested from end to end?",
        "validated": "Is a model's quality validated before it is served?",
        "debuggable": "Can one example be followed through a model step by step?",
        "canary": "Does a new model serve a few requests first?",
        "rollback": "Can a served model be taken back quickly and safely?",
    },
    "monitoring": {
        "upstream": "Does a change of what the data depend on raise an alarm?",
        "invariants": "Do data in training and serving keep to what always holds?",
        "skew": "Are features computed alike in training and serving?",
        "too_old": "Is a model noticed that has become too old?",
        "numerics": "Are NaN and infinity noticed?",
        "speed": "Is it noticed when training, serving or memory get worse?",
        "quality": "Is it noticed when predictions get worse on the data of today?",
    },
}
