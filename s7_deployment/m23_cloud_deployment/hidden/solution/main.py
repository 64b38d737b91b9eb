"""The classifier as a function: the platform starts the server, you write what happens to one request.

functions-framework --target knn_classifier --source main.py
curl localhost:8080 -H "Content-Type: application/json" -d '{"input_data": [5.9, 3.0, 5.1, 1.8]}'
"""

import math
from pathlib import Path
from typing import Any

import flask
from classifier import NearestNeighbours

# At import: once for every instance that the platform starts, not once for every request.
MODEL = NearestNeighbours.from_file(Path(__file__).with_name("model.json"))


def knn_classifier(request: flask.Request) -> tuple[dict[str, str], int]:
    """Answer a POST with the JSON body `{"input_data": [four numbers]}` by `{"prediction": label}`.

    The status is 400 when the body is no such JSON, 405 when the method is not POST; the answer is `{"error": reason}`.
    """
    if request.method != "POST":
        return {"error": "send a POST"}, 405
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or "input_data" not in body:
        return {"error": "the body has to be JSON with input_data"}, 400
    try:
        flower = _numbers(body["input_data"])
    except (TypeError, ValueError) as error:
        return {"error": f"input_data: {error}"}, 400
    return {"prediction": MODEL.predict(flower)}, 200


def _numbers(data: Any) -> list[float]:
    parts = data.split(",") if isinstance(data, str) else data
    numbers = [float(part) for part in parts]
    if len(numbers) != 4 or not all(map(math.isfinite, numbers)):
        raise ValueError("expected four numbers")
    return numbers
