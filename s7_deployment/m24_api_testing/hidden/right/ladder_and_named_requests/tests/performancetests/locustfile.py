"""locust -f tests/performancetests/locustfile.py --headless --users 10 --run-time 10s --host http://localhost:8000"""

import itertools
import json
from random import randrange, shuffle

import locust

REVIEWS = """
A good film, and a great evening.
Dull. Dull, dull, dull!
I have seen worse, and I have seen better.
Brilliant cast, boring script
TERRIBLE
So lovely that I went twice; enjoyable both times.
Awful sound, bad light, good popcorn.
""".strip().splitlines()


class MyUser(locust.HttpUser):
    weight = 1
    wait_time = staticmethod(lambda: randrange(50, 151) / 1000)

    def on_start(self):
        """Every user has the reviews in another order, and goes round."""
        mine = REVIEWS[:]
        shuffle(mine)
        self.reviews = itertools.cycle(mine)

    @locust.task(6)
    def predict(self):
        body = json.dumps({"review": next(self.reviews)})
        with self.client.post(
            "/predict", data=body, headers={"Content-Type": "application/json"}, catch_response=True, name="review"
        ) as response:
            try:
                response.raise_for_status()
                if json.loads(response.content)["label"] in {"positive", "negative"}:
                    response.success()
                else:
                    response.failure("neither positive nor negative")
            except Exception as error:
                response.failure(error)

    @locust.task(2)
    def root(self):
        self.client.get("/", name="health")
