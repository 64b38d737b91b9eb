"""The contract as a table of requests, and three stories."""

from http import HTTPStatus
from importlib import import_module

import pytest
from starlette.testclient import TestClient

CASES = {
    "no review": ({}, 422),
    "null": ({"review": None}, 422),
    "empty": ({"review": ""}, 422),
    "blank": ({"review": "    "}, 422),
    "long": ({"review": "ab " * 334}, 413),
    "long enough": ({"review": "ab " * 333 + "c"}, 200),
}
LABELS = [
    ("good", "positive", True),
    ("Good.", "positive", True),
    ("BAD", "negative", False),
    ("'boring'", "negative", False),
    ("so-so", "positive", None),
]


@pytest.fixture
def client() -> TestClient:
    return TestClient(import_module("app.main").app)


def test_root(client: TestClient) -> None:
    response = client.get("/")
    response.raise_for_status()
    assert response.json().get("message") == HTTPStatus.OK.phrase


@pytest.mark.parametrize("case", CASES)
def test_statuses(client: TestClient, case: str) -> None:
    body, status = CASES[case]
    assert client.post("/predict", json=body).status_code == status


@pytest.mark.parametrize("review,label,above", LABELS)
def test_label_table(client: TestClient, review: str, label: str, above: bool | None) -> None:
    answer = client.post("/predict", json={"review": review}).json()
    score = answer["score"]
    assert answer["label"] == label
    assert score == 0.5 if above is None else (0.5 < score <= 1 if above else 0 <= score < 0.5)
    assert answer["words"] == 1


def test_story_of_a_prediction(client: TestClient) -> None:
    first = client.post("/predict", json={"review": "good film"}).json()
    second = client.post("/predict", json={"review": "dull film"}).json()
    assert first["id"] != second["id"]
    for posted in (first, second):
        read = client.get(f"/predictions/{posted['id']}").json()
        assert {key: read[key] for key in ("id", "label", "words")} == {k: posted[k] for k in ("id", "label", "words")}
    for status in (204, 404):
        assert client.delete(f"/predictions/{first['id']}").status_code == status
    assert client.get(f"/predictions/{first['id']}").status_code == 404
    assert client.get(f"/predictions/{second['id']}").status_code == 200


def test_story_of_a_list(client: TestClient) -> None:
    for _ in range(3):
        client.post("/predict", json={"review": "filler"})
    a, b, c = (client.post("/predict", json={"review": name}).json()["id"] for name in ("a", "b", "c"))
    assert [entry["id"] for entry in client.get("/predictions", params={"limit": 3}).json()] == [c, b, a]
    assert client.get("/predictions", params={"limit": 0}).status_code == 422
