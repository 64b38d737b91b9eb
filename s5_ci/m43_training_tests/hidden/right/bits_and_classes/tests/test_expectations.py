"""What is expected of the model in sentiment.py: promises 1 to 9 of the exercise's text."""

from itertools import permutations

import pytest
from sentiment import BLAME, NAMES, PRAISE, STRONGER, WEAKER, positive

OPINIONS = (*PRAISE, *BLAME)
NEUTRAL = (
    "",
    " ",
    "...",
    "We sat by the window.",
    "The food is here.",
    "It is not.",
    "It was very late, and the street was slightly wet.",
    "Goodbye, said the waiter, and gave us his badge.",
    "There are forks on the table. There are spoons too. We came at eight and went at ten.",
)
REVIEWS = (
    *NEUTRAL,
    *(f"The food is {word}." for word in OPINIONS),
    *(f"It is not {word}." for word in OPINIONS),
    *(f"The soup is {a} {word}. We sat outside." for word in OPINIONS for a in (*STRONGER, *WEAKER)),
    "The food is good. The staff is rude.",
    "The food is bad. The staff is charming. The room is not boring.",
    " ".join(f"The food is {word}." for word in PRAISE[:4]),
    " ".join(f"The food is {word}." for word in BLAME[:4]),
    *(" ".join([f"The food is {word}."] * 3) for word in OPINIONS),
)
same = lambda score: pytest.approx(score, rel=0, abs=0.01 + 1e-9)  # noqa: E731


class TestMinimumFunctionality:
    @pytest.mark.parametrize("word", PRAISE)
    def test_praise(self, word):
        assert 0.6 < positive(f"The food is {word}.") <= 1

    @pytest.mark.parametrize("word", BLAME)
    def test_blame(self, word):
        assert 0 <= positive(f"The food is {word}.") < 0.4

    @pytest.mark.parametrize("review", NEUTRAL)
    def test_no_opinion(self, review):
        assert positive(review) == pytest.approx(0.5, rel=0, abs=0.05 + 1e-9)

    @pytest.mark.parametrize("review", REVIEWS)
    def test_a_probability(self, review):
        assert 0 <= positive(review) <= 1


class TestInvariance:
    @pytest.mark.parametrize("name", NAMES)
    @pytest.mark.parametrize("frame", ["{0} was here. ", "I was here with {0}. ", "{0} says: "])
    def test_names(self, frame, name):
        for review in ("We ate.", *(f"The food is {word}." for word in OPINIONS)):
            for form in (frame + review, frame + review + " So says {0}."):
                assert positive(form.format(name)) == same(positive(form.format("")))

    @pytest.mark.parametrize("review", REVIEWS)
    def test_case(self, review):
        for other in (review.upper(), review.lower(), review.title(), review.swapcase()):
            assert positive(other) == same(positive(review))

    @pytest.mark.parametrize("name", NAMES)
    def test_case_of_names(self, name):
        assert positive(f"{name.upper()} was here.") == same(positive(f"{name.lower()} was here."))

    @pytest.mark.parametrize("mark", ".,;:!?")
    @pytest.mark.parametrize("word", OPINIONS)
    def test_punctuation(self, word, mark):
        for frame in ("The food{} is {}", "The food is {1}{0} we think", "The food is {1}{0}", "I{} say that it is not {}"):
            assert positive(frame.format(mark, word)) == same(positive(frame.format("", word)))

    @pytest.mark.parametrize("word", OPINIONS)
    def test_order(self, word):
        for other in OPINIONS:
            sentences = f"The food is {word}.", "We sat outside.", f"The staff is not {other}.", f"The wine is very {other}."
            scores = [positive(" ".join(order)) for order in permutations(sentences)]
            assert max(scores) - min(scores) <= 0.01 + 1e-9


class TestDirection:
    @pytest.mark.parametrize("review", REVIEWS)
    def test_one_more(self, review):
        score = positive(review)
        for word in PRAISE:
            assert positive(f"{review} The food is {word}.") > score
            assert positive(f"The food is {word}. {review}") > score
        for word in BLAME:
            assert positive(f"{review} The food is {word}.") < score
            assert positive(f"The food is {word}. {review}") < score

    @pytest.mark.parametrize("frame", ["It is not {}.", "The food is not {}.", "Not {}"])
    def test_not(self, frame):
        assert all(positive(frame.format(word)) < 0.5 for word in PRAISE)
        assert all(positive(frame.format(word)) > 0.5 for word in BLAME)

    @pytest.mark.parametrize("word", OPINIONS)
    @pytest.mark.parametrize("degree", STRONGER)
    def test_stronger(self, degree, word):
        plain, strong = positive(f"It is {word}."), positive(f"It is {degree} {word}.")
        assert strong > plain > 0.5 if word in PRAISE else strong < plain < 0.5

    @pytest.mark.parametrize("word", OPINIONS)
    @pytest.mark.parametrize("degree", WEAKER)
    def test_weaker(self, degree, word):
        plain, weak = positive(f"It is {word}."), positive(f"It is {degree} {word}.")
        assert 0.5 <= weak < plain if word in PRAISE else plain < weak <= 0.5
