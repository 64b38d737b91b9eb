import functools
import math

from classifier import NearestNeighbours
from flask import abort, jsonify, make_response


@functools.cache
def model():
    return NearestNeighbours.from_file("model.json")


def _no(status, why):
    abort(make_response(jsonify(error=why), status))


def knn_classifier(request):
    if request.method != "POST":
        _no(405, "only POST")
    body = request.get_json(silent=True) if request.is_json else None
    match body:
        case {"input_data": str(text)}:
            data = text.split(",")
        case {"input_data": list(data)}:
            pass
        case _:
            _no(400, "no input_data")
    try:
        a, b, c, d = (float(number) for number in data)
    except (ValueError, TypeError):
        _no(400, "not four numbers")
    if not math.isfinite(a + b + c + d):
        _no(400, "not finite")
    return jsonify({"prediction": model().predict([a, b, c, d])})
