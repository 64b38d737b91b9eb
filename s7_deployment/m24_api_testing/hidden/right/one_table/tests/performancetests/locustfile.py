"""The same user with a base class, a weighted list and a checked answer."""

import random

from locust import HttpUser, between

WORDS = ["a", "the", "film", "great", "awful", "dull", "lovely", "plot", "actor", "music"]


class Checked:
    """How an answer is judged."""

    @staticmethod
    def fine(response) -> bool:
        try:
            return response.json().get("label", "") in ["negative", "positive"]
        except Exception:
            return False


def ask(user):
    text = " ".join(random.choices(WORDS, k=12))
    with user.client.post("/predict", catch_response=True, json={"review": text}) as response:
        if not Checked.fine(response):
            response.failure("no label")


def look(user):
    user.client.get("/")


class MyUser(HttpUser):
    wait_time = between(0.05, 0.15)
    tasks = [ask, ask, ask, look]  # noqa: RUF012
