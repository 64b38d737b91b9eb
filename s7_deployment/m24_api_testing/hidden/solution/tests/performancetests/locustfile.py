"""A load test of the app.

uvicorn app.main:app &
locust -f tests/performancetests/locustfile.py --headless --users 10 --run-time 10s --host http://localhost:8000
"""

import random

from locust import HttpUser, between, task

REVIEWS = [
    "A great film, and a lovely one.",
    "Dull. Boring. Awful!",
    "I have seen it twice",
    "The second half is terrible, the first one enjoyable",
    "brilliant " * 20,
]


class MyUser(HttpUser):
    """Somebody who asks for labels of reviews, and now and then whether the app is up."""

    wait_time = between(0.05, 0.15)

    @task(3)
    def predict(self) -> None:
        """Ask for a label; an answer without one is a failure, whatever its status."""
        with self.client.post("/predict", json={"review": random.choice(REVIEWS)}, catch_response=True) as response:
            try:
                label = response.json()["label"]
            except (ValueError, KeyError, TypeError):
                label = None
            if label not in ("positive", "negative"):
                response.failure("the answer has no label")

    @task(1)
    def root(self) -> None:
        """Ask whether the app is up."""
        self.client.get("/")
