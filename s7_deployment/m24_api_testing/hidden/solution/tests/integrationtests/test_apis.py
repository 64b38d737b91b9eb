"""Tests of the app in app/main.py, through its interface only.

python -m pytest tests/integrationtests
"""

from typing import Any

import pytest
from app.main import app
from fastapi.testclient import TestClient

client = TestClient(app)


def predict(review: str) -> dict[str, Any]:
    """The answer to a review that is fine."""
    response = client.post("/predict", json={"review": review})
    assert response.status_code == 200
    return response.json()


def test_root() -> None:
    """The health check says OK."""
    response = client.get("/")
    assert response.status_code == 200
    assert response.json()["message"] == "OK"


@pytest.mark.parametrize(
    ("review", "label"),
    [
        ("a great and lovely film", "positive"),
        ("an awful, boring film", "negative"),
        ("a film", "positive"),
        ("GREAT, but dull, dull, dull", "negative"),
        ("Brilliant! GREAT. bad", "positive"),
    ],
)
def test_labels(review: str, label: str) -> None:
    """Label and score agree with the words of the review."""
    answer = predict(review)
    assert answer["label"] == label
    assert 0 <= answer["score"] <= 1
    assert (answer["score"] >= 0.5) == (label == "positive")


def test_neutral_review() -> None:
    """Without a known word the score is in the middle."""
    assert predict("it is a film")["score"] == 0.5


def test_case_and_punctuation() -> None:
    """Neither counts."""
    scores = {predict(review)["score"] for review in ("awful", "AWFUL", "awful!", "(Awful)")}
    assert len(scores) == 1
    assert scores.pop() < 0.5


def test_words() -> None:
    """Words are what stands between spaces."""
    assert predict("one two  three, four")["words"] == 4


@pytest.mark.parametrize("body", [{}, {"review": ""}, {"review": " \n"}, {"review": 7}, {"text": "great"}])
def test_refused_bodies(body: dict[str, Any]) -> None:
    """No review, no label."""
    assert client.post("/predict", json=body).status_code == 422


def test_length_limit() -> None:
    """1000 characters are fine, 1001 are not."""
    predict("x" * 1000)
    assert client.post("/predict", json={"review": "x" * 1001}).status_code == 413


def test_predictions_are_kept() -> None:
    """Each prediction is found again by its number."""
    reviews = ["a great film", "a dull film", "a film"]
    answers = [predict(review) for review in reviews]
    assert len({answer["id"] for answer in answers}) == 3
    for review, answer in zip(reviews, answers, strict=True):
        found = client.get(f"/predictions/{answer['id']}")
        assert found.status_code == 200
        assert found.json()["review"] == review
        assert found.json()["label"] == answer["label"]


def test_latest_predictions() -> None:
    """Newest first, as many as asked for, ten by default."""
    numbers = [predict(f"film {number}")["id"] for number in range(12)]
    latest = client.get("/predictions", params={"limit": 3})
    assert latest.status_code == 200
    assert [prediction["id"] for prediction in latest.json()] == numbers[:-4:-1]
    assert len(client.get("/predictions").json()) == 10
    assert client.get("/predictions", params={"limit": 0}).status_code == 422


def test_deleting() -> None:
    """What was deleted is gone, and nothing else is."""
    first, second = predict("one")["id"], predict("two")["id"]
    assert client.delete(f"/predictions/{first}").status_code == 204
    assert client.get(f"/predictions/{first}").status_code == 404
    assert client.delete(f"/predictions/{first}").status_code == 404
    assert client.get(f"/predictions/{second}").status_code == 200
    assert first not in [prediction["id"] for prediction in client.get("/predictions").json()]
