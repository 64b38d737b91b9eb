"""The classifier as a service, in a container of your own: you start the server.

PORT=8080 python service.py
"""

import os
from pathlib import Path
from typing import Annotated

import uvicorn
from classifier import NearestNeighbours
from fastapi import FastAPI
from pydantic import BaseModel, Field

MODEL = NearestNeighbours.from_file(Path(__file__).with_name("model.json"))

app = FastAPI(title="Irises")


class Flower(BaseModel):
    """Sepal length, sepal width, petal length, petal width, in cm."""

    input_data: Annotated[list[float], Field(min_length=4, max_length=4)]


@app.get("/health")
def health() -> dict[str, str]:
    """`{"status": "ok"}` as soon as the service can predict."""
    return {"status": "ok"}


@app.post("/predict")
def predict(flower: Flower) -> dict[str, str]:
    """`{"input_data": [four numbers]}` gives `{"prediction": label}`; anything else 422."""
    return {"prediction": MODEL.predict(flower.input_data)}


def main() -> None:
    """Serve on all addresses of the machine, on the port in the environment's PORT, else on 8080."""
    uvicorn.run(app, host="0.0.0.0", port=int(os.environ.get("PORT", "8080")))


if __name__ == "__main__":
    main()
