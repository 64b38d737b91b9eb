"""The contract of the app, as it can be seen from outside. unittest's classes, which pytest runs, too."""

import unittest

from app import main
from fastapi.testclient import TestClient

GOOD = "good great lovely brilliant enjoyable".split()
BAD = "bad awful dull boring terrible".split()


class Contract(unittest.TestCase):
    """What the tests have in common; nothing is supposed about what was in the app before."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.client = cls.enterClassContext(TestClient(main.app))

    def predict(self, review: str) -> dict:
        answer = self.client.post("/predict", json={"review": review})
        self.assertEqual(answer.status_code, 200, review)
        return answer.json()

    def score(self, review: str) -> float:
        return self.predict(review)["score"]

    def latest(self, **params: int) -> list[int]:
        answer = self.client.get("/predictions", params=params)
        self.assertEqual(answer.status_code, 200)
        return [prediction["id"] for prediction in answer.json()]

    def unknown(self) -> int:
        """A number that no prediction has (any more)."""
        number = self.predict("soon forgotten")["id"]
        self.assertEqual(self.client.delete(f"/predictions/{number}").status_code, 204)
        return number

    def never(self) -> int:
        """A number that no prediction ever had, as far as one can see."""
        return max([self.predict("the newest")["id"], *self.latest(limit=500)]) + 15485863


class Root(Contract):
    def test_ok(self) -> None:
        answer = self.client.get("/")
        self.assertEqual((answer.status_code, answer.json()["message"]), (200, "OK"))


class Scores(Contract):
    def test_fields(self) -> None:
        answer = self.predict("What a film, from the first minute to the last")
        self.assertLessEqual({"id", "label", "score", "words"}, set(answer))
        self.assertIs(type(answer["id"]), int)
        self.assertIsInstance(answer["score"], (int, float))
        self.assertIs(type(answer["words"]), int)

    def test_each_word(self) -> None:
        for word in GOOD:
            with self.subTest(word):
                answer = self.predict(f"a {word} film")
                self.assertGreater(answer["score"], 0.5)
                self.assertLessEqual(answer["score"], 1)
                self.assertEqual(answer["label"], "positive")
        for word in BAD:
            with self.subTest(word):
                answer = self.predict(f"a {word} film")
                self.assertLess(answer["score"], 0.5)
                self.assertGreaterEqual(answer["score"], 0)
                self.assertEqual(answer["label"], "negative")

    def test_neutral(self) -> None:
        for review in (
            "a film about ships",
            "goodness, the greatest badge, boringly brilliantine",  # words of which the words are parts
            "good but bad",
            "dull lovely awful great",
            "terrible boring dull enjoyable good great and so on",
        ):
            with self.subTest(review):
                answer = self.predict(review)
                self.assertAlmostEqual(answer["score"], 0.5)
                self.assertEqual(answer["label"], "positive")

    def test_more_of_them(self) -> None:
        """Each further word moves the score, whether it is a new one or an old one, and beside words of the other kind."""
        for before in ("film", "film good bad awful"):
            start = self.score(before)
            for words, sign in ((GOOD, 1), (BAD, -1), (["good"] * 3, 1), (["bad"] * 3, -1)):
                review, old = before, start
                for word in words[:3]:
                    review += " " + word
                    new = self.score(review)
                    self.assertGreater((new - old) * sign, 0, review)
                    old = new

    def test_majority(self) -> None:
        self.assertEqual(self.predict("great lovely bad")["label"], "positive")
        self.assertEqual(self.predict("great boring bad")["label"], "negative")

    def test_limits(self) -> None:
        for word in ("good", "terrible"):
            for times in (40, 110):
                score = self.score(" ".join([word] * times))
                self.assertTrue(0 <= score <= 1, (word, times, score))

    def test_case_and_punctuation(self) -> None:
        for plain in ("great", "awful"):
            expected = self.score(plain)
            for odd in (plain.upper(), plain.title(), plain[:2] + plain[2:].upper(), f"({plain})", f'"{plain}",'):
                self.assertAlmostEqual(self.score(odd), expected, msg=odd)
            for mark in ".!?;:'":
                self.assertAlmostEqual(self.score(plain + mark), expected, msg=mark)

    def test_words(self) -> None:
        for review, count in (
            ("one", 1),
            ("one two three", 3),
            ("  one   two ", 2),
            ("good - or not - good !", 7),
            ("well-known, isn't it", 3),
            ("same same same", 3),
            ("x " * 400, 400),
        ):
            self.assertEqual(self.predict(review)["words"], count, review)


class Refusals(Contract):
    def refused(self, status: int, body: object) -> None:
        before = self.latest(limit=5)
        self.assertEqual(self.client.post("/predict", json=body).status_code, status)
        self.assertEqual(self.latest(limit=5), before)

    def test_nothing(self) -> None:
        for body in ({}, {"text": "good"}, {"review": ""}, {"review": " "}, {"review": " \t\n  "}):
            with self.subTest(str(body)):
                self.refused(422, body)

    def test_too_long(self) -> None:
        for length in (1001, 1500, 40000):
            self.refused(413, {"review": "x" * length})
        self.refused(413, {"review": ("good " * 201)[:1001]})

    def test_long_enough(self) -> None:
        for review in ("x" * 1000, "é" * 1000, "good " * 199 + "films", "x" * 999):
            self.predict(review)


class Store(Contract):
    def get(self, number: int) -> dict:
        answer = self.client.get(f"/predictions/{number}")
        self.assertEqual(answer.status_code, 200)
        return answer.json()

    def status(self, number: int) -> int:
        return self.client.get(f"/predictions/{number}").status_code

    def test_read(self) -> None:
        for review in ("GREAT, if a bit boring!", "  spaces   stay ", "dull dull", "größer als “gut”", "good"):
            posted = self.predict(review)
            kept = self.get(posted["id"])
            self.assertEqual(kept["review"], review)
            for key in ("id", "label", "score", "words"):
                self.assertEqual(kept[key], posted[key])

    def test_own_ids(self) -> None:
        reviews = ["good", "good", "bad", "good", "a film"]
        ids = [self.predict(review)["id"] for review in reviews]
        self.assertEqual(len(set(ids)), len(ids))
        self.client.delete(f"/predictions/{ids[1]}")
        later = self.predict("later")["id"]
        self.assertNotIn(later, [ids[0], *ids[2:]])
        for place in (0, 2, 3, 4):
            self.assertEqual(self.get(ids[place])["review"], reviews[place])
        self.assertEqual(self.get(later)["review"], "later")

    def test_unknown(self) -> None:
        for number in (self.unknown(), self.never()):
            self.assertEqual(self.status(number), 404)
            self.assertEqual(self.client.delete(f"/predictions/{number}").status_code, 404)

    def test_latest(self) -> None:
        ids = [self.predict(review)["id"] for review in ["bad", "good", "film"] * 8 + ["zz", "aa"]][::-1]
        self.assertEqual(self.latest(), ids[:10])
        for limit in (1, 2, 9, 11, 26):
            self.assertEqual(self.latest(limit=limit), ids[:limit])
        self.assertEqual(self.latest(limit=400)[:26], ids)
        self.assertEqual(self.get(ids[-1])["review"], "bad")

    def test_limit_below_one(self) -> None:
        for limit in (0, -1, -10):
            self.assertEqual(self.client.get("/predictions", params={"limit": limit}).status_code, 422)

    def test_delete(self) -> None:
        ids = [self.predict(f"film {number}")["id"] for number in range(5)]
        others = [number for number in self.latest(limit=300) if number != ids[2]]
        self.assertEqual(self.client.delete(f"/predictions/{ids[2]}").status_code, 204)
        self.assertEqual([self.status(number) for number in ids], [200, 200, 404, 200, 200])
        self.assertEqual(self.latest(limit=300)[: len(others)], others)
        self.assertEqual(self.client.delete(f"/predictions/{ids[2]}").status_code, 404)
        self.assertEqual(self.status(ids[1]), 200)
