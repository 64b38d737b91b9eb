import unittest

import sentiment
from sentiment import BLAME, NAMES, PRAISE, STRONGER, WEAKER, positive

SENTENCES = ["The food is {}.", "It was {}", "{}"]


class MinimumFunctionality(unittest.TestCase):
    def test_praise_and_blame(self):
        for word in PRAISE:
            with self.subTest(word):
                self.assertGreater(positive(f"The food is {word}."), 0.6)
        for word in BLAME:
            with self.subTest(word):
                self.assertLess(positive(f"The food is {word}."), 0.4)

    def test_neutral(self):
        for text in ("", "A table by the window", "We paid and left.", "Kenji sat down."):
            self.assertAlmostEqual(positive(text), 0.5, delta=0.05, msg=text)


class Invariance(unittest.TestCase):
    def assertSame(self, one, other):
        self.assertLessEqual(abs(positive(one) - positive(other)), 0.01, f"{one} / {other}")

    def test_names(self):
        for name in NAMES:
            self.assertSame(f"{name} is charming.", f"{NAMES[0]} is charming.")
            self.assertSame(f"{name} is rude.", "The waiter is rude.")

    def test_typing(self):
        text = "The soup is terrible"
        for mark in ".,;:!?":
            self.assertSame(text + mark, text)
        for other in (text.upper(), text.lower(), text.title(), text.swapcase()):
            self.assertSame(text, other)

    def test_order(self):
        self.assertSame("It is great. It is bad.", "It is bad. It is great.")


class Direction(unittest.TestCase):
    def test_more(self):
        for text in ("", "Lunch.", "The food is excellent.", "The food is disgusting."):
            for word in PRAISE:
                self.assertGreater(positive(f"{text} The food is {word}."), positive(text))
            for word in BLAME:
                self.assertLess(positive(f"{text} The food is {word}."), positive(text))

    def test_not(self):
        for word in PRAISE:
            self.assertLess(positive(f"It is not {word}."), 0.5)
        for word in BLAME:
            self.assertGreater(positive(f"It is not {word}."), 0.5)

    def test_degrees(self):
        def distance(text):
            return abs(sentiment.positive(text) - 0.5)

        for word in (*PRAISE, *BLAME):
            plain = f"It is {word}."
            for degree in STRONGER:
                self.assertGreater(distance(f"It is {degree} {word}."), distance(plain))
            for degree in WEAKER:
                self.assertLess(distance(f"It is {degree} {word}."), distance(plain))
                self.assertEqual(positive(f"It is {degree} {word}.") > 0.5, positive(plain) > 0.5)
