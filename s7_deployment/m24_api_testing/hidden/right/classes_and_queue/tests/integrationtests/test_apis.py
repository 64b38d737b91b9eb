"""The same contract, tested by a class with fixtures."""

import uuid

import app.main
import pytest
from fastapi.testclient import TestClient


@pytest.fixture(scope="module")
def api():
    with TestClient(app.main.app) as client:
        yield client


@pytest.fixture
def ask(api):
    def asked(text, status=200):
        response = api.post("/predict", json={"review": text})
        assert response.status_code == status, response.text
        return response.json()

    return asked


def test_health(api):
    assert (api.get("/").status_code, api.get("/").json()["message"]) == (200, "OK")


class TestLabels:
    GOOD = ("good", "great", "lovely", "brilliant", "enjoyable")
    BAD = ("bad", "awful", "dull", "boring", "terrible")

    def test_every_known_word(self, ask):
        for good, bad in zip(self.GOOD, self.BAD):
            for change in (str.lower, str.upper, str.title, "({})".format, "{}, really".format):
                liked, hated = ask(change(good)), ask(change(bad))
                assert 1 >= liked["score"] > 0.5 > hated["score"] >= 0
                assert (liked["label"], hated["label"]) == ("positive", "negative")

    def test_in_between(self, ask):
        for text in ("xyz", "good bad"):
            answer = ask(text)
            assert answer["score"] == pytest.approx(0.5)
            assert answer["label"] == "positive"

    def test_number_of_words(self, ask):
        assert [ask(text)["words"] for text in ("one", "one two", " a\tb c\n")] == [1, 2, 3]


def test_what_is_refused(api, ask):
    for text in ("", " ", "\t\n"):
        ask(text, 422)
    assert api.post("/predict", json={}).status_code == 422
    ask("a" * 1001, 413)
    ask("good " * 1000, 413)
    ask("a" * 1000)


class TestStore:
    def test_round_trip(self, api, ask):
        texts = [f"great {uuid.uuid4()}" for _ in range(4)]
        posted = {ask(text)["id"]: text for text in texts}
        assert len(posted) == 4
        for number, text in posted.items():
            assert api.get(f"/predictions/{number}").json()["review"] == text

    def test_listing(self, api, ask):
        posted = [ask(f"film {row}")["id"] for row in range(15)]
        for query, expected in (("", 10), ("?limit=1", 1), ("?limit=13", 13)):
            listed = [entry["id"] for entry in api.get(f"/predictions{query}").json()]
            assert listed == posted[::-1][:expected]
        for limit in (0, -1):
            assert api.get(f"/predictions?limit={limit}").status_code == 422

    def test_delete(self, api, ask):
        kept, gone = ask("kept")["id"], ask("gone")["id"]
        path = f"/predictions/{gone}"
        assert api.delete(path).status_code == 204
        assert {api.get(path).status_code, api.delete(path).status_code} == {404}
        assert api.get(f"/predictions/{kept}").is_success
