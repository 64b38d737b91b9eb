"""The classifier as a function: the platform starts the server, you write what happens to one request.

    functions-framework --target knn_classifier --source main.py
    curl localhost:8080 -H "Content-Type: application/json" -d '{"input_data": [5.9, 3.0, 5.1, 1.8]}'
"""

import flask


def knn_classifier(request: flask.Request) -> tuple[dict[str, str], int]:
    """Answer a POST with the JSON body `{"input_data": [four numbers]}` by `{"prediction": label}`.

    The status is 400 when the body is no such JSON, 405 when the method is not POST; the answer is `{"error": reason}`.
    """
    raise NotImplementedError("TODO: check the request, predict, answer")
