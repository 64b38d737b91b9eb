"""The API with the csv module; the header is written when the server starts, if it is due."""

import csv
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from classifier import SPECIES, predict
from fastapi import BackgroundTasks, Depends, FastAPI
from pydantic import BaseModel

FIELDS = ["time", "sepal_length", "sepal_width", "petal_length", "petal_width", "prediction"]
database = Path("prediction_database.csv")


def prepare_database() -> None:
    if not database.is_file() or not database.read_text().strip():
        with database.open("w", newline="") as file:
            csv.DictWriter(file, FIELDS).writeheader()


@asynccontextmanager
async def lifespan(app: FastAPI):
    prepare_database()
    yield


app = FastAPI(lifespan=lifespan)


class Flower(BaseModel):
    sepal_length: float
    sepal_width: float
    petal_length: float
    petal_width: float


class Answer(BaseModel):
    prediction: str
    prediction_int: int


def classify(flower: Flower) -> Answer:
    index = predict(**flower.model_dump())
    return Answer(prediction=SPECIES[index], prediction_int=index)


@app.post("/iris_v1/")
def first(flower: Annotated[Flower, Depends()]) -> Answer:
    return classify(flower)


async def record(flower: Flower, prediction: int) -> None:
    prepare_database()
    row = flower.model_dump() | {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "prediction": prediction,
    }
    with database.open("a", newline="") as file:
        csv.DictWriter(file, FIELDS).writerow(row)


@app.post("/iris_v2/")
def second(flower: Annotated[Flower, Depends()], background: BackgroundTasks) -> Answer:
    answer = classify(flower)
    background.add_task(record, flower=flower, prediction=answer.prediction_int)
    return answer
