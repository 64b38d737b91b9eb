"""What is expected of the model in sentiment.py: promises 1 to 9 of the exercise's text."""

import pytest
from sentiment import PRAISE


@pytest.mark.parametrize("word", PRAISE)
def test_praise_is_positive(word: str) -> None:
    """Minimum functionality: every word of praise makes a plain sentence positive."""
    raise NotImplementedError("TODO: test what the model says about a sentence with this word")


def test_invariance() -> None:
    """Invariance: what must not matter does not matter."""
    raise NotImplementedError("TODO: change what must not matter, and compare")


def test_direction() -> None:
    """Direction: what makes a review better or worse moves the score that way."""
    raise NotImplementedError("TODO: change a review for better or worse, and compare")
