"""The API: small examples of every kind of input, and two models behind it.

Run it with `uvicorn main:app --reload` and look at http://localhost:8000/docs while you work.

The paths are declared; the parameters of the functions are yours to declare, types included: FastAPI validates what
you declare and nothing else. Keep the names of the functions.
"""

from pathlib import Path
from typing import Any

from fastapi import FastAPI, Response

DATABASE = Path("database.csv")

app = FastAPI(title="Two models and a few examples")


@app.get("/")
def root() -> dict[str, Any]:
    """Health check: `{"message": "OK", "status-code": 200}`."""
    raise NotImplementedError("TODO: answer that all is well")


@app.get("/items/{item_id}")
def read_item() -> dict[str, int]:
    """An item by its number, which is part of the path."""
    raise NotImplementedError("TODO: declare item_id and answer with it; then add /items/me")


@app.get("/restric_items/{item_id}")
def read_restricted_item() -> dict[str, Any]:
    """An item out of a fixed set of names: alexnet, resnet, lenet."""
    raise NotImplementedError("TODO: declare item_id so that other names are refused, and answer with it")


@app.get("/query_items")
def query_item() -> dict[str, int]:
    """An item by its number, given as a query parameter."""
    raise NotImplementedError("TODO: declare item_id as a query parameter and answer with it")


@app.post("/login/")
def login() -> dict[str, str]:
    """Save a new user in DATABASE, or check the password of a known one. The password itself is never stored."""
    raise NotImplementedError("TODO: take username and password from a form; save new users, check known ones")


@app.get("/text_model/")
def contains_email() -> dict[str, Any]:
    """Is the text `data` an e-mail address?"""
    raise NotImplementedError("TODO: answer whether the whole of data is an e-mail address")


@app.post("/text_model/")
def contains_email_at_domain() -> dict[str, Any]:
    """Is the text `email` an e-mail address at the provider `domain_match`?"""
    raise NotImplementedError("TODO: take email and domain_match from a JSON body and answer")


@app.post("/cv_model/")
def resize() -> Response:
    """The uploaded image `data` as a PNG of `h` rows and `w` columns."""
    raise NotImplementedError("TODO: resize the uploaded image and send it back")
