from itertools import product

import pytest

from sentiment import positive

KIND = "good great excellent wonderful delicious charming".split()
UNKIND = "bad awful terrible boring disgusting rude".split()
PEOPLE = "Ada Chidi Fatima Giulia Ingrid Kenji Mohammed Priya Siobhan Yusuf".split()


def same(one, two):
    return positive(one) == pytest.approx(positive(two), abs=0.01)


@pytest.mark.parametrize(("word", "kind"), [*product(KIND, [True]), *product(UNKIND, [False])])
class TestEveryWord:
    def test_plain(self, word, kind):
        score = positive(f"The bread is {word}.")
        assert score > 0.6 if kind else score < 0.4

    def test_capitals(self, word, kind):
        assert same(f"The bread is {word.upper()}", f"The bread is {word}")

    @pytest.mark.parametrize("mark", ["...", *".,;:!?"][1:])
    def test_marks(self, word, kind, mark):
        assert same(f"{word}{mark} indeed", f"{word} indeed")

    def test_negated(self, word, kind):
        assert (positive(f"The bread is not {word}.") < 0.5) is kind

    @pytest.mark.parametrize("degree", ["very", "really", "extremely"])
    def test_stronger(self, word, kind, degree):
        change = positive(f"The bread is {degree} {word}.") - positive(f"The bread is {word}.")
        assert change > 0 if kind else change < 0

    @pytest.mark.parametrize("degree", ["slightly", "somewhat", "fairly"])
    def test_weaker(self, word, kind, degree):
        weak, plain = positive(f"The bread is {degree} {word}."), positive(f"The bread is {word}.")
        assert 0.5 < weak < plain if kind else plain < weak < 0.5

    def test_added(self, word, kind):
        for said in ["", "It rained.", "The tea is good.", "The tea is bad."]:
            change = positive(f"{said} The bread is {word}.") - positive(said)
            assert change > 0 if kind else change < 0


@pytest.mark.parametrize("text", ["", "   ", "It rained.", "Breakfast from seven to nine"])
def test_no_opinion(text):
    assert 0.45 <= positive(text) <= 0.55


@pytest.mark.parametrize("person", PEOPLE)
def test_person(person):
    assert same(f"{person} brought awful bread.", "She brought awful bread.")


def test_shuffled():
    assert same("The bread is bad. The tea is good.", "The tea is good. The bread is bad.")
