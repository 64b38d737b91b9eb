"""What is expected of the model in sentiment.py: promises 1 to 9 of the exercise's text."""

import pytest
from sentiment import BLAME, NAMES, PRAISE, STRONGER, WEAKER, positive


@pytest.mark.parametrize("word", PRAISE)
def test_praise_is_positive(word: str) -> None:
    """Minimum functionality: every word of praise makes a plain sentence positive."""
    assert positive(f"The food is {word}.") > 0.6


@pytest.mark.parametrize("word", BLAME)
def test_blame_is_negative(word: str) -> None:
    """Minimum functionality: every word of blame makes a plain sentence negative."""
    assert positive(f"The food is {word}.") < 0.4


@pytest.mark.parametrize("text", ["", "The table is brown.", "We came at noon"])
def test_no_opinion_is_neutral(text: str) -> None:
    """Minimum functionality: where there is no opinion the model has none."""
    assert positive(text) == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("name", NAMES)
def test_names_do_not_matter(name: str) -> None:
    """Invariance: whoever cooked it."""
    assert positive(f"{name} made a good soup.") == pytest.approx(positive("Somebody made a good soup."), abs=0.01)


@pytest.mark.parametrize("text", ["The soup is GREAT", "The soup is Great", "THE SOUP IS GREAT"])
def test_capitals_do_not_matter(text: str) -> None:
    """Invariance: however loud."""
    assert positive(text) == pytest.approx(positive("the soup is great"), abs=0.01)


@pytest.mark.parametrize("mark", [".", ",", ";", ":", "!", "?"])
def test_punctuation_does_not_matter(mark: str) -> None:
    """Invariance: whatever stands behind a word."""
    assert positive(f"The soup is great{mark}") == pytest.approx(positive("The soup is great"), abs=0.01)


def test_order_of_sentences_does_not_matter() -> None:
    """Invariance: what is said first."""
    first, second = "The soup is excellent.", "The waiter is rude."
    assert positive(f"{first} {second}") == pytest.approx(positive(f"{second} {first}"), abs=0.01)


@pytest.mark.parametrize("text", ["We came at noon.", "The soup is great.", "The soup is bad."])
def test_another_sentence_moves_the_score(text: str) -> None:
    """Direction: praise raises the score, blame lowers it."""
    assert positive(f"{text} The fish is good.") > positive(text) > positive(f"{text} The fish is boring.")


@pytest.mark.parametrize("word", [*PRAISE, *BLAME])
def test_not_turns_it_round(word: str) -> None:
    """Direction: not good is negative, not bad is positive."""
    assert (positive(f"It is not {word}.") > 0.5) == (word in BLAME)


@pytest.mark.parametrize("word", ["good", "bad"])
@pytest.mark.parametrize("degree", [*STRONGER, *WEAKER])
def test_degrees(degree: str, word: str) -> None:
    """Direction: very good is better than good, slightly bad is better than bad, and still bad."""
    plain, moved = positive(f"It is {word}."), positive(f"It is {degree} {word}.")
    sign = 1 if word == "good" else -1
    assert sign * (moved - 0.5) > 0
    farther = sign * (moved - plain)
    assert farther > 0 if degree in STRONGER else farther < 0
