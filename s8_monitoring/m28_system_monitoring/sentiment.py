"""A classifier of reviews, given: it adds up what each word is worth. Nothing to do here."""

import math
import os
import re
import time

WORTH = {
    "good": 1.2, "great": 2.1, "love": 1.8, "excellent": 2.6, "nice": 0.9, "fun": 1.1,
    "bad": -1.3, "awful": -2.4, "hate": -1.9, "boring": -1.5, "poor": -1.0, "broken": -1.7,
}  # fmt: skip


def classify(review: str) -> tuple[str, float]:
    """Label ("positive" or "negative") of a review, and the label's probability.

    The environment's SENTIMENT_DELAY makes it slow, by so many seconds: to see how monitoring shows it.

    Raises:
        ValueError: the review has no words.
    """
    time.sleep(float(os.environ.get("SENTIMENT_DELAY", "0")))
    words = re.findall(r"[a-z']+", review.lower())
    if not words:
        raise ValueError("the review has no words")
    positive = 1 / (1 + math.exp(-sum(WORTH.get(word, 0.0) for word in words)))
    return ("positive", positive) if positive >= 0.5 else ("negative", 1 - positive)
