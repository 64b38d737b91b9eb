"""Is a review of a restaurant kind? A small linear model of words. Given. Do not change this file.

    python sentiment.py "The soup is not bad."

The lists are part of what the model promises (see the exercise's text); the numbers are not.
"""

import math
import re
import sys

PRAISE = ("good", "great", "excellent", "wonderful", "delicious", "charming")
BLAME = ("bad", "awful", "terrible", "boring", "disgusting", "rude")
STRONGER = ("very", "really", "extremely")
WEAKER = ("slightly", "somewhat", "fairly")
NAMES = ("Ada", "Chidi", "Fatima", "Giulia", "Ingrid", "Kenji", "Mohammed", "Priya", "Siobhan", "Yusuf")

WEIGHTS = {
    "good": 1.1, "great": 1.6, "excellent": 2.1, "wonderful": 1.9, "delicious": 1.7, "charming": 1.2,
    "bad": -1.2, "awful": -2.0, "terrible": -2.1, "boring": -1.0, "disgusting": -2.2, "rude": -1.4,
}  # fmt: skip
FACTORS = {
    "very": 1.5, "really": 1.4, "extremely": 1.9, "slightly": 0.5, "somewhat": 0.6, "fairly": 0.8, "not": -0.7,
}  # fmt: skip


def words(text: str) -> list[str]:
    """Return the words of a text, in lower case, without punctuation."""
    return re.findall(r"[a-z]+", text.lower())


def positive(text: str) -> float:
    """Return the probability, 0 to 1, that a review is positive."""
    score, factor = 0.0, 1.0
    for word in words(text):
        if word in FACTORS:
            factor *= FACTORS[word]
        else:
            score += factor * WEIGHTS.get(word, 0.0)
            factor = 1.0
    return 1 / (1 + math.exp(-score))


if __name__ == "__main__":
    print(f"{positive(' '.join(sys.argv[1:])):.2f}")
