"""The function with a cached loader and a response object."""

import json
from functools import lru_cache
from math import isnan

from classifier import NearestNeighbours
from flask import Response


@lru_cache(maxsize=1)
def model():
    return NearestNeighbours.from_file("model.json")


class Refusal(Exception):
    """What is wrong with a request, and its status."""


def flower_of(request):
    if request.method != "POST":
        raise Refusal("only POST", 405)
    if not request.is_json:
        raise Refusal("not JSON", 400)
    try:
        data = json.loads(request.get_data())["input_data"]
        if isinstance(data, str):
            data = [piece.strip() for piece in data.split(",")]
        a, b, c, d = (float(piece) for piece in data)
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise Refusal(repr(error), 400) from error
    if any(isnan(number) or abs(number) == float("inf") for number in (a, b, c, d)):
        raise Refusal("not finite", 400)
    return [a, b, c, d]


def knn_classifier(request):
    try:
        answer, status = {"prediction": model().predict(flower_of(request))}, 200
    except Refusal as refusal:
        answer, status = {"error": refusal.args[0]}, refusal.args[1]
    return Response(json.dumps(answer), status=status, mimetype="application/json")
