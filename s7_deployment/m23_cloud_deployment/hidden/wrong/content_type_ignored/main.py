"""The classifier as a function: the platform starts the server, this is what happens to one request."""

import json
import math
import threading
from pathlib import Path
from typing import Any

import flask
from classifier import NearestNeighbours

_model: NearestNeighbours | None = None
_lock = threading.Lock()


class Refused(Exception):
    """The request is the caller's mistake."""

    def __init__(self, why: str, status: int = 400) -> None:
        super().__init__(why)
        self.status = status


def _get_model() -> NearestNeighbours:
    """Read at the first request, and kept for the ones after it; the lock is for two first requests at once."""
    global _model
    with _lock:
        if _model is None:
            _model = NearestNeighbours.from_file(Path(__file__).resolve().parent / "model.json")
        return _model


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Refused(f"{value!r} is not a number")
    try:
        number = float(value)
    except OverflowError:
        raise Refused("that number is too large") from None
    if not math.isfinite(number):
        raise Refused("numbers are finite")
    return number


def _flower(request: flask.Request) -> list[float]:
    if request.method != "POST":
        raise Refused("POST, please", 405)
    try:
        body = json.loads(request.get_data(as_text=False))
    except (ValueError, RecursionError):
        raise Refused("the body is not JSON") from None
    if not isinstance(body, dict) or "input_data" not in body:
        raise Refused("the body is not an object with input_data")
    data = body["input_data"]
    if isinstance(data, str):
        try:
            data = [float(field) for field in data.replace("_", "?").split(",")]
        except ValueError:
            raise Refused("input_data has a part that is no number") from None
    if not isinstance(data, list) or len(data) != 4:
        raise Refused("input_data has exactly four numbers")
    return [_number(value) for value in data]


def knn_classifier(request: flask.Request) -> flask.Response:
    """Answer a POST with the JSON body `{"input_data": [four numbers]}` by `{"prediction": label}`."""
    try:
        answer = flask.jsonify(prediction=_get_model().predict(_flower(request)))
    except Refused as refused:
        answer = flask.jsonify(error=str(refused))
        answer.status_code = refused.status
        if refused.status == 405:
            answer.headers["Allow"] = "POST"
    return answer
