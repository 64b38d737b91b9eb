"""What the gate, the card, the log and the rules speak about. Given: nothing to do here.

Every model refuses a field that it does not know, and a number that is none: a description with a slip of the pen is no
description.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, NonNegativeInt, PositiveInt

Group = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$")]
Share = Annotated[FiniteFloat, Field(ge=0, le=1)]


class Strict(BaseModel):
    """Knows its fields and no others, and does not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Policy(Strict):
    """What a new model has to show before it goes out."""

    margin: Share
    """By how much the accuracy may be worse, at most, with the confidence below."""
    confidence: Annotated[FiniteFloat, Field(gt=0, lt=1)] = 0.95
    slice_margin: Share
    """By how much the accuracy of one group may be worse, at most."""
    min_slice: PositiveInt = 30
    """A group with fewer rows than this says nothing."""
    required_groups: list[Group] = []
    """Groups that the evaluation must be able to say something about."""
    max_latency_ms: FiniteFloat
    """The 95th percentile of the latency, at most."""
    max_size_mb: FiniteFloat


class Evaluation(Strict):
    """What was measured: one entry for each row of the test set, and a model's weight and pace."""

    labels: list[str]
    groups: list[Group]
    champion: list[str]
    """What the model in use predicts for each row."""
    challenger: list[str]
    """What the new model predicts for the same rows."""
    latency_ms: list[FiniteFloat]
    """Milliseconds of single requests to the challenger; empty: nobody measured."""
    size_mb: FiniteFloat | None
    """Size of the challenger; None: nobody measured."""


class Decision(Strict):
    """What the gate says, and why."""

    approved: bool
    difference: float
    """Accuracy of the challenger less that of the champion."""
    interval: tuple[float, float]
    """Where that difference lies, with the policy's confidence."""
    slices: dict[str, float]
    """The difference in each group that is large enough."""
    reasons: list[str]
    """Everything that speaks against it: "accuracy", "slice:GROUP", "unmeasured:GROUP", "latency", "size"."""


class Counts(Strict):
    """How a group came out."""

    right: NonNegativeInt
    rows: PositiveInt


class Facts(Strict):
    """What is known about a model: written by people, but for the results, which come from the evaluation."""

    name: str
    version: str
    trained_by: list[str]
    intended_use: str
    factors: str
    metrics: str
    evaluation_data: str
    training_data: str
    ethical_considerations: str
    caveats_and_recommendations: str
    results: dict[Group, Counts]


class System(Strict):
    """What somebody wants to do with a model. All of it has to be said."""

    uses: list[
        Literal[
            "prediction", "chat", "synthetic_media", "emotion_recognition",
            "social_scoring", "manipulation", "face_scraping",
        ]
    ]  # fmt: skip
    area: Literal[
        "biometrics", "infrastructure", "education", "employment", "essential_services",
        "law_enforcement", "migration", "justice", "other",
    ]  # fmt: skip
    role: Literal["decides", "narrow_procedure", "improves_human_work", "finds_deviations", "prepares"]
    profiles_people: bool
    safety_component: bool
    third_party_assessment: bool
    """Whether the law wants somebody else to assess the product before it is sold."""
    medical_or_safety_reason: bool
