"""Tests of the app through its interface: each a request or two, and all of them as tables where that is possible."""

import pytest
from app.main import app
from fastapi.testclient import TestClient

POSITIVE = ("good", "great", "lovely", "brilliant", "enjoyable")
NEGATIVE = ("bad", "awful", "dull", "boring", "terrible")
PROMISED = ("id", "label", "score", "words")


@pytest.fixture(scope="session")
def api():
    with TestClient(app, base_url="http://films.test") as client:
        yield client


@pytest.fixture
def say(api):
    """Post a review, return the prediction."""

    def post(review):
        response = api.post("/predict", json=dict(review=review))
        assert response.status_code == 200, response.text
        return response.json()

    return post


@pytest.fixture
def listed(api):
    def get(query=""):
        response = api.get("/predictions" + query)
        assert response.status_code == 200
        return response.json()

    return get


def test_health(api):
    response = api.get("/")
    assert response.status_code == 200
    assert response.json()["message"] == "OK"


def test_kinds(say):
    prediction = say("It was a dark and stormy night.")
    assert {name: type(prediction[name]) for name in ("id", "label", "words")} == {"id": int, "label": str, "words": int}
    assert isinstance(prediction["score"], int | float) and not isinstance(prediction["score"], bool)


@pytest.mark.parametrize("word", POSITIVE + NEGATIVE)
def test_a_word(say, word):
    once, thrice = say(word), say(f"the {word} film, {word}, and {word} again")
    if word in POSITIVE:
        assert 0.5 < once["score"] < thrice["score"] <= 1
        assert once["label"] == thrice["label"] == "positive"
    else:
        assert 0.5 > once["score"] > thrice["score"] >= 0
        assert once["label"] == thrice["label"] == "negative"


@pytest.mark.parametrize(
    "review",
    ["film", "neither fish nor fowl", "good bad", "awful great", "bad great dull lovely", "goods and dullness, badly", "!?"],
)
def test_in_the_middle(say, review):
    prediction = say(review)
    assert prediction["score"] == pytest.approx(0.5, abs=1e-6)
    assert prediction["label"] == "positive"


def test_a_ladder(say):
    """Reviews in the order of their scores: more good words, or fewer bad ones, from step to step."""
    ladder = [
        "bad awful dull boring",
        "bad awful dull boring good",
        "bad awful dull good",
        "bad awful good",
        "bad awful good great",
        "bad awful good great lovely",
        "awful good great lovely",
        "good great lovely awful brilliant",
        "good great lovely brilliant",
    ]
    scores = [say(review)["score"] for review in ladder]
    assert scores == sorted(set(scores))
    assert min(scores) >= 0 and max(scores) <= 1


@pytest.mark.parametrize("word", [POSITIVE[1], NEGATIVE[-1]])
def test_extremes(say, word):
    prediction = say(" ".join([word] * 100))
    assert 0 <= prediction["score"] <= 1
    assert prediction["words"] == 100


@pytest.mark.parametrize(
    ("odd", "plain"),
    [("GREAT!", "great"), ("Lovely", "lovely"), ("(gOOd)", "good"), ("awful...", "awful"), ('"Dull",', "dull"), ("BAD?", "bad")],
)
def test_as_it_is_written(say, odd, plain):
    assert say(odd)["score"] == pytest.approx(say(plain)["score"])
    assert say(f"a {odd} film")["label"] == say(plain)["label"]


@pytest.mark.parametrize(
    ("review", "words"), [("film", 1), ("a b c d", 4), (" a  b   c ", 3), ("good good bad", 3), ("so - so !", 4), ("it's a-b", 2)]
)
def test_words(say, review, words):
    assert say(review)["words"] == words


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (422, {}),
        (422, {"title": "good"}),
        (422, {"review": ""}),
        (422, {"review": "    "}),
        (422, {"review": "\n\t "}),
        (413, {"review": "y" * 1001}),
        (413, {"review": "a good film " * 200}),
    ],
)
def test_refused(api, say, listed, status, body):
    last = say("the last one")["id"]
    assert api.post("/predict", json=body).status_code == status
    assert listed("?limit=1")[0]["id"] == last, "what is refused is no prediction"


@pytest.mark.parametrize("review", ["y" * 1000, "ü" * 1000, "good and " * 111 + "x"])
def test_just_short_enough(say, review):
    assert len(review) <= 1000
    say(review)


@pytest.mark.parametrize("review", ["Good, BAD, and neither", " white  space ", "“Zürich” – 10/10", "bad bad bad", "great"])
def test_kept(api, say, review):
    prediction = say(review)
    response = api.get(f"/predictions/{prediction['id']}")
    assert response.status_code == 200
    kept = response.json()
    assert {name: kept[name] for name in PROMISED} == {name: prediction[name] for name in PROMISED}
    assert kept["review"] == review


def test_every_prediction_has_its_own_number(api, say):
    texts = {}
    for text in ["great", "great", "bad", "great", "bad"] * 2:
        number = say(text)["id"]
        assert number not in texts
        texts[number] = text
    gone = list(texts)[3]
    assert api.delete(f"/predictions/{gone}").status_code == 204
    del texts[gone]
    for text in ("new", "newer"):
        number = say(text)["id"]
        assert number not in texts
        texts[number] = text
    for number, text in texts.items():
        assert api.get(f"/predictions/{number}").json()["review"] == text


def test_newest_first(say, listed):
    made = [say(review) for review in ["dull", "film", "lovely", "zebra", "ape", "good"] * 4]
    newest = [prediction["id"] for prediction in reversed(made)]
    for query, number in (("", 10), ("?limit=10", 10), ("?limit=1", 1), ("?limit=3", 3), ("?limit=23", 23)):
        got = listed(query)
        assert [prediction["id"] for prediction in got] == newest[:number], query
        for prediction, posted in zip(got, reversed(made), strict=False):
            assert prediction["label"] == posted["label"] and prediction["score"] == posted["score"]


@pytest.mark.parametrize("limit", [0, -1, -7])
def test_no_such_limit(api, limit):
    assert api.get(f"/predictions?limit={limit}").status_code == 422


def test_delete(api, say, listed):
    first, second, third, fourth = (say(f"part {number}")["id"] for number in range(1, 5))
    before = [prediction["id"] for prediction in listed("?limit=200")]
    response = api.delete(f"/predictions/{second}")
    assert response.status_code == 204
    assert response.content == b""
    assert api.get(f"/predictions/{second}").status_code == 404
    assert api.delete(f"/predictions/{second}").status_code == 404
    after = [prediction["id"] for prediction in listed("?limit=199")]
    before.remove(second)
    assert after[:199] == before[: len(after)] and len(after) >= len(before)
    for number in (first, third, fourth):
        assert api.get(f"/predictions/{number}").status_code == 200


def test_delete_the_newest(api, say, listed):
    older, newest = say("older")["id"], say("newest")["id"]
    api.delete(f"/predictions/{newest}")
    assert listed("?limit=1")[0]["id"] == older
    assert api.get(f"/predictions/{older}").json()["review"] == "older"


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_number_that_nobody_has(api, say, listed, method):
    mine = say("mine")["id"]
    number = max(prediction["id"] for prediction in listed("?limit=100")) + 10_000_019
    assert api.request(method, f"/predictions/{number}").status_code == 404
    assert api.get(f"/predictions/{mine}").status_code == 200
