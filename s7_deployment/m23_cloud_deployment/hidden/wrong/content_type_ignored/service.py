"""The classifier as a service, in a container of your own: PORT=8080 python service.py"""

import math
import os
import socket
from pathlib import Path
from typing import Annotated, Any, Union

import uvicorn
from classifier import NearestNeighbours
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, BaseModel, Field, StrictFloat, StrictInt
from starlette.exceptions import HTTPException

model = NearestNeighbours.from_file(Path(__file__).resolve().parent.joinpath("model.json"))
app = FastAPI(title="Irises")


def _finite(value: int | float) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError("not a finite number")
    return number


class Flower(BaseModel):
    """Sepal length, sepal width, petal length, petal width, in cm."""

    input_data: list[Annotated[Union[StrictInt, StrictFloat], AfterValidator(_finite)]] = Field(
        min_length=4, max_length=4
    )


@app.exception_handler(RequestValidationError)
def refuse(_: Request, trouble: RequestValidationError) -> JSONResponse:
    """Without the input: FastAPI's own answer quotes it, and cannot write a nan."""
    return JSONResponse({"detail": [{"loc": e["loc"], "msg": e["msg"]} for e in trouble.errors()]}, 422)


@app.exception_handler(HTTPException)
def refuse_what_cannot_be_parsed(_: Request, trouble: HTTPException) -> JSONResponse:
    """A body that breaks the parser (nested a thousand times) is a bad body like the others."""
    return JSONResponse({"detail": trouble.detail}, 422 if trouble.status_code == 400 else trouble.status_code)


@app.get("/health")
def health() -> dict[str, str]:
    """All is well."""
    return {"status": "ok"}


@app.post("/predict")
def predict(flower: Flower) -> dict[str, Any]:
    """The label of a flower."""
    return {"prediction": model.predict(flower.input_data)}


def main() -> None:
    """Serve on all addresses of the machine."""
    port = int(os.getenv("PORT", "8080"))
    # An own socket: bound, and waiting in line, before uvicorn starts.
    with socket.create_server(("", port), backlog=128) as listener:
        config = uvicorn.Config(app, timeout_graceful_shutdown=6, log_level="warning")
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
