"""An API that classifies iris flowers, and remembers what it was asked."""

import csv
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from classifier import SPECIES, predict
from fastapi import BackgroundTasks, Depends, FastAPI
from pydantic import BaseModel

DATABASE = "prediction_database.csv"
COLUMNS = ["time", "sepal_length", "sepal_width", "petal_length", "petal_width", "prediction"]
app = FastAPI()
_lock = threading.RLock()


class Flower(BaseModel):
    sepal_length: float
    sepal_width: float
    petal_length: float
    petal_width: float


class Answer(BaseModel):
    prediction: str
    prediction_int: int


AFlower = Annotated[Flower, Depends()]  # a model as a dependency: its fields are query parameters


@app.post("/iris_v1/", response_model=Answer)
def iris_v1(flower: AFlower):
    number = predict(**flower.model_dump())
    return Answer(prediction=SPECIES[number], prediction_int=number)


def add_to_database(sepal_length: float, sepal_width: float, petal_length: float, petal_width: float, prediction: int) -> None:
    with _lock:
        file = Path(DATABASE)
        new = not file.is_file() or file.stat().st_size == 0
        with file.open("a", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
            if new:
                writer.writeheader()
            writer.writerow(
                {
                    "prediction": prediction,
                    "time": datetime.now(UTC).isoformat(),
                    "sepal_length": sepal_length,
                    "sepal_width": sepal_width,
                    "petal_length": petal_length,
                    "petal_width": petal_width,
                }
            )


@app.post("/iris_v2/", response_model=Answer)
def iris_v2(flower: AFlower, later: BackgroundTasks):
    result = iris_v1(flower)
    later.add_task(lambda: add_to_database(**flower.model_dump(), prediction=result.prediction_int))
    return result
