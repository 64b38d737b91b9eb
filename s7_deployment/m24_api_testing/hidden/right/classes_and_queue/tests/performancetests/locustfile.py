"""The same user, its tasks in a dictionary, its reviews made up."""

from itertools import count
from random import uniform

import locust

numbers = count()


def review(user):
    text = f"This is film number {next(numbers)}, and it is great"
    with user.client.request("POST", "/predict", json={"review": text}, catch_response=True, name="predict") as answer:
        try:
            body = answer.json()
        except Exception:
            answer.failure("no JSON")
            return
        if isinstance(body, dict) and body.get("label") in {"positive", "negative"}:
            answer.success()
        else:
            answer.failure(f"strange body {body}")


def root(user):
    user.client.get("/", name="health")


class MyUser(locust.HttpUser):
    tasks = {review: 6, root: 2}  # noqa: RUF012

    def wait_time(self):
        return uniform(0.06, 0.14)
