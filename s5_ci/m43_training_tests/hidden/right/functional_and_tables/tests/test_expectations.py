"""All expectations are rows of tables: what kind it is, two reviews, and how their scores should compare."""

import operator

import pytest
import sentiment


def CLOSE(one, two):
    return abs(one - two) <= 0.01


ROWS = [("neutral", text, None, lambda one, _: abs(one - 0.5) < 0.05) for text in ("", "Two tables, ten chairs.")]
OPINIONS = [(word, operator.gt) for word in sentiment.PRAISE] + [(word, operator.lt) for word in sentiment.BLAME]

for word, better in OPINIONS:
    said, limit = f"The wine is {word}.", 0.6 if better is operator.gt else 0.4
    ROWS.append(("plain", said, None, lambda one, _, better=better, limit=limit: better(one, limit)))
    ROWS.append(("negated", f"The wine is not {word}.", None, lambda one, _, better=better: better(0.5, one)))
    ROWS.append(("more", f"The soup is great. {said}", "The soup is great.", better))
    ROWS.append(("more", f"The soup is awful. {said}", "The soup is awful.", better))
    ROWS.append(("capitals", said.upper(), said, CLOSE))
    ROWS += [("marks", f"The wine is {word}{mark}", f"The wine is {word}", CLOSE) for mark in ".,;:!?"]
    ROWS += [("stronger", f"The wine is {degree} {word}.", said, better) for degree in sentiment.STRONGER]
    ROWS += [("weaker", said, f"The wine is {degree} {word}.", better) for degree in sentiment.WEAKER]
    ROWS += [
        ("weaker", f"The wine is {degree} {word}.", None, lambda one, _, better=better: better(one, 0.5))
        for degree in sentiment.WEAKER
    ]
ROWS += [("names", f"{name} is bad at cooking", "Somebody is bad at cooking", CLOSE) for name in sentiment.NAMES]
ROWS.append(("order", "The soup is great. The wine is bad.", "The wine is bad. The soup is great.", CLOSE))


@pytest.mark.parametrize(("kind", "one", "two", "compare"), ROWS)
def test_expectation(kind, one, two, compare):
    scores = [None if text is None else sentiment.positive(text) for text in (one, two)]
    assert compare(*scores), f"{kind}: {scores}"
