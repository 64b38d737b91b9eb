"""Rows go through a writer of its own; the measurements are a model that FastAPI fills from the query."""

import csv
import datetime
import fcntl
from typing import Annotated

import classifier
from fastapi import APIRouter, BackgroundTasks, FastAPI, Query
from pydantic import BaseModel

FIELDS = ["time", "sepal_length", "sepal_width", "petal_length", "petal_width", "prediction"]


class Flower(BaseModel):
    sepal_length: float
    sepal_width: float
    petal_length: float
    petal_width: float


class Answer(BaseModel):
    prediction: str
    prediction_int: int


router = APIRouter()


def classify(flower: Flower) -> Answer:
    index = classifier.predict(**flower.model_dump())
    return Answer(prediction=classifier.SPECIES[index], prediction_int=index)


@router.post("/iris_v1/")
async def first(flower: Annotated[Flower, Query()]) -> Answer:
    return classify(flower)


class Database:
    def __init__(self, path: str) -> None:
        self.path = path

    def add(self, flower: Flower, answer: Answer) -> None:
        with open(self.path, "a", newline="") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # among processes as well
            file.seek(0, 2)
            writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
            if file.tell() == 0:
                writer.writeheader()
            now = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
            writer.writerow({"time": now, "prediction": answer.prediction_int, **flower.model_dump()})
            file.flush()


@router.post("/iris_v2/", response_model=Answer)
def second(flower: Annotated[Flower, Query()], later: BackgroundTasks) -> Answer:
    answer = classify(flower)
    later.add_task(Database("prediction_database.csv").add, flower, answer)
    return answer


app = FastAPI()
app.include_router(router)
