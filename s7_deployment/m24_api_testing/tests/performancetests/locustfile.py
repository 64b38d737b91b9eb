"""A load test of the app.

    uvicorn app.main:app &
    locust -f tests/performancetests/locustfile.py --headless --users 10 --run-time 10s --host http://localhost:8000
"""

from locust import HttpUser, task


class MyUser(HttpUser):
    """Somebody who asks for labels of reviews, and now and then whether the app is up."""

    @task
    def predict(self) -> None:
        """Ask for a label; an answer without one is a failure, whatever its status."""
        raise NotImplementedError("TODO: post a review, look at the answer")

    @task
    def root(self) -> None:
        """Ask whether the app is up."""
        raise NotImplementedError("TODO: ask for /; then set the weights and the think time")
