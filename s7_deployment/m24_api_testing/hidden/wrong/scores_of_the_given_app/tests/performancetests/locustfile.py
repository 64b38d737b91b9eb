"""A load test of the app: reviews that are put together from parts, so that hardly two are the same."""

import random

from locust import HttpUser

OPENINGS = ("A", "What a", "Not a", "Another", "Quite a", "By far the most")
WORDS = ("good", "great", "lovely", "brilliant", "enjoyable", "bad", "awful", "dull", "boring", "terrible", "long", "odd")
ENDINGS = ("film!", "film.", "evening.", "story, and well told.", "two hours...")


def some_review() -> str:
    words = random.sample(WORDS, k=random.randint(1, 4))
    return f"{random.choice(OPENINGS)} {', '.join(words)} {random.choice(ENDINGS)}"


class MyUser(HttpUser):
    """Somebody who asks for labels of reviews, and now and then whether the app is up."""

    def wait_time(self) -> float:
        """Seconds to think."""
        return random.triangular(0.05, 0.15)

    def predict(self) -> None:
        """Ask for a label; an answer without one is a failure, whatever its status."""
        with self.client.request("POST", "/predict", json={"review": some_review()}, catch_response=True) as answer:
            if not answer.ok:
                return  # locust counts it as a failure by itself
            try:
                label = answer.json().get("label")
            except (ValueError, AttributeError, TypeError):
                label = None
            if label not in ("positive", "negative"):
                answer.failure(f"no label in {answer.text!r:.80}")

    def root(self) -> None:
        """Ask whether the app is up."""
        self.client.request("GET", "/")

    tasks = {root: 1, predict: 3}
