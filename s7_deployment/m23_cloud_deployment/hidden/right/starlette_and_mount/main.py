"""The classifier as a function; pydantic looks at the body."""

import re
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import annotated_types as at
import pydantic
from classifier import NearestNeighbours
from flask import Request

MODEL = NearestNeighbours.from_file(Path(__file__).with_name("model.json"))
DECIMAL = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)

Number = Annotated[float, pydantic.Field(strict=True, allow_inf_nan=False)]


def _split(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    parts = value.split(",")
    return [float(part) for part in parts] if all(DECIMAL.fullmatch(part) for part in parts) else value


class Question(pydantic.BaseModel):
    input_data: Annotated[list[Number], at.Len(4, 4), pydantic.BeforeValidator(_split)]


class Answer(NamedTuple):
    body: dict[str, str]
    status: int
    headers: dict[str, str] = {}


def knn_classifier(request: Request) -> tuple[dict[str, str], int, dict[str, str]]:
    if request.method != "POST":
        return Answer({"error": f"{request.method} is not for this function"}, 405, {"Allow": "POST"})
    if request.mimetype != "application/json" and not request.mimetype.endswith("+json"):
        return Answer({"error": "say that it is JSON: Content-Type: application/json"}, 400)
    try:
        question = Question.model_validate_json(request.data)
    except pydantic.ValidationError as errors:
        return Answer({"error": "; ".join(error["msg"] for error in errors.errors())}, 400)
    return Answer({"prediction": MODEL.predict(question.input_data)}, 200)
