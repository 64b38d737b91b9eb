"""An API that classifies reviews, and can be watched while it does."""

from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()

# TODO: metrics prediction_requests, prediction_error, prediction_latency_seconds, review_length_summary, at /metrics
# TODO: a tracer that sends its spans to the collector at OTEL_EXPORTER_OTLP_ENDPOINT


class Review(BaseModel):
    """What a client sends."""

    review: str


@app.post("/predict")
def predict(review: Review) -> dict[str, str | float]:
    """Classify a review.

    Returns:
        `{"label": "positive", "probability": 0.93}`; status 400 when the classifier cannot make sense of the review.
    """
    raise NotImplementedError("TODO: classify the review, count it, measure it, trace it")
