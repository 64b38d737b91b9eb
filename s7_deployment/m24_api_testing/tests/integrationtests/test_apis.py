"""Tests of the app in app/main.py, through its interface only.

    python -m pytest tests/integrationtests
"""

from app.main import app
from fastapi.testclient import TestClient

client = TestClient(app)


def test_root() -> None:
    """The health check says OK."""
    raise NotImplementedError("TODO: ask for / and look at the answer; then test the rest of the contract")
