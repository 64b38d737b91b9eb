"""An API around a small classifier of film reviews. Given: it keeps the contract in README.md.

    uvicorn app.main:app
"""

import itertools
import string

from fastapi import FastAPI, HTTPException, Query
from pydantic import BaseModel

GOOD = {"good", "great", "lovely", "brilliant", "enjoyable"}
BAD = {"bad", "awful", "dull", "boring", "terrible"}
LONGEST = 1000

app = FastAPI(title="Film reviews")
predictions: dict[int, dict[str, object]] = {}
numbers = itertools.count(1)


class Review(BaseModel):
    """What is asked."""

    review: str


@app.get("/")
def root() -> dict[str, str]:
    """Health check."""
    return {"message": "OK"}


@app.post("/predict")
def predict(body: Review) -> dict[str, object]:
    """Label a review and keep the prediction."""
    if not body.review.strip():
        raise HTTPException(422, "the review is empty")
    if len(body.review) > LONGEST:
        raise HTTPException(413, "the review is too long")
    words = body.review.split()
    plain = [word.strip(string.punctuation).lower() for word in words]
    good, bad = sum(word in GOOD for word in plain), sum(word in BAD for word in plain)
    score = (good + 1) / (good + bad + 2)
    prediction: dict[str, object] = {
        "id": next(numbers),
        "label": "positive" if score >= 0.5 else "negative",
        "score": score,
        "words": len(words),
    }
    predictions[int(str(prediction["id"]))] = prediction | {"review": body.review}
    return prediction


@app.get("/predictions")
def latest(limit: int = Query(10, ge=1)) -> list[dict[str, object]]:
    """The latest predictions, newest first."""
    return list(reversed(predictions.values()))[:limit]


@app.get("/predictions/{number}")
def read(number: int) -> dict[str, object]:
    """One prediction."""
    if number not in predictions:
        raise HTTPException(404, "no such prediction")
    return predictions[number]


@app.delete("/predictions/{number}", status_code=204)
def delete(number: int) -> None:
    """Forget one prediction."""
    if predictions.pop(number, None) is None:
        raise HTTPException(404, "no such prediction")
