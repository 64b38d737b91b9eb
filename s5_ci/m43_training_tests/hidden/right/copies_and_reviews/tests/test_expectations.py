"""The nine promises, one function each. Words come from conftest.py, reviews from reviews.py."""

import itertools

import reviews
from sentiment import BLAME, PRAISE

EPS = 1e-9


def close(a: float, b: float, by: float = 0.01) -> bool:
    return abs(a - b) <= by + EPS


# --- 1


def test_1_praise(score, praise):
    assert score(f"The food is {praise}.") > 0.6


def test_1_blame(score, blame):
    assert score(f"The food is {blame}.") < 0.4


# --- 2


def test_2_nothing_said(score, name):
    texts = ["", "\n", "?", f"{name} was here.", f"{name} did not come.", "It is very really slightly not so."]
    texts += ["I was in the badlands.", "Goodbye."]
    texts += [" ".join(c) for n in (1, 2, 3) for c in itertools.permutations(reviews.NEUTRAL_SENTENCES, n)]
    for text in texts:
        assert close(score(text), 0.5, by=0.05), text


# --- 3


def test_3_names(score, name):
    for review in (*reviews.ALL, "It is not good. It is good."):
        without = score(f"With I sat there. {review} Thanks to!")
        assert close(score(f"With {name} I sat there. {review} Thanks to!"), without)
        assert close(score(f"With I sat there. {review} Thanks to {name}!"), without)
        assert close(score(f"With {name} I sat there. {review} Thanks to {name}!"), without)
    for word in PRAISE + BLAME:
        assert close(score(f"{name}: the food is {word}."), score(f"the food is {word}."))
    assert close(score(name), score(""))


# --- 4


def test_4_capitals(score):
    for review in reviews.ALL:
        variants = {review.upper(), review.lower(), review.capitalize(), review.title(), review.swapcase()}
        assert all(close(score(v), score(review)) for v in variants), review


# --- 5


def test_5_punctuation(score, mark):
    for text in [reviews.plain(w) for w in PRAISE + BLAME] + ["We think it is not {} here".format(w) for w in PRAISE + BLAME]:
        words = text.rstrip(".").split()
        bare = score(" ".join(words))
        for place in range(len(words)):
            if words[place] == "not":
                continue
            marked = [w + mark * (i == place) for i, w in enumerate(words)]
            assert close(score(" ".join(marked)), bare), marked


# --- 6


def test_6_order(score):
    for sentences in reviews.some(60, seed=1):
        scores = {score(" ".join(order)) for order in itertools.permutations(sentences)}
        assert close(min(scores), max(scores)), sentences
    for good, bad in itertools.product(PRAISE, BLAME):
        a, b = reviews.plain(good), reviews.plain(bad)
        assert close(score(f"{a} {b}"), score(f"{b} {a}"))


# --- 7


def test_7_more_praise(score, praise):
    for review in reviews.ALL:
        assert score(f"{review} The food is {praise}.".strip()) > score(review), review


def test_7_more_blame(score, blame):
    for review in reviews.ALL:
        assert score(f"{review} The food is {blame}.".strip()) < score(review), review


# --- 8


def test_8_not_praise(score, praise):
    assert score(f"It is not {praise}.") < 0.5


def test_8_not_blame(score, blame):
    assert score(f"It is not {blame}.") > 0.5


# --- 9


def test_9_stronger(score, stronger):
    for subject in reviews.SUBJECTS:
        for word in PRAISE:
            assert score(f"{subject} is {stronger} {word}.") > score(f"{subject} is {word}.")
        for word in BLAME:
            assert score(f"{subject} is {stronger} {word}.") < score(f"{subject} is {word}.")


def test_9_weaker(score, weaker):
    for subject in reviews.SUBJECTS:
        for word in PRAISE:
            assert 0.5 <= score(f"{subject} is {weaker} {word}.") < score(f"{subject} is {word}.")
        for word in BLAME:
            assert 0.5 >= score(f"{subject} is {weaker} {word}.") > score(f"{subject} is {word}.")
