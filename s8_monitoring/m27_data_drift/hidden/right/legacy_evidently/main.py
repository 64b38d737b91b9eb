"""The API with pandas for the file and a lock around it."""

import datetime
import os
import threading

import classifier
import pandas as pd
from fastapi import BackgroundTasks, FastAPI

app = FastAPI(title="iris")
lock = threading.Lock()


def classify(sepal_length, sepal_width, petal_length, petal_width):
    index = classifier.predict(sepal_length, sepal_width, petal_length, petal_width)
    return {"prediction": classifier.SPECIES[index], "prediction_int": index}


@app.post("/iris_v1/")
async def iris_v1(sepal_length: float, sepal_width: float, petal_length: float, petal_width: float):
    return classify(sepal_length, sepal_width, petal_length, petal_width)


def save(row):
    with lock:
        new = not os.path.exists("prediction_database.csv")
        pd.DataFrame([row]).to_csv("prediction_database.csv", mode="a", header=new, index=False)


@app.post("/iris_v2/")
async def iris_v2(
    sepal_length: float, sepal_width: float, petal_length: float, petal_width: float, tasks: BackgroundTasks
):
    answer = classify(sepal_length, sepal_width, petal_length, petal_width)
    row = {
        "time": str(datetime.datetime.now(tz=datetime.UTC)),
        "sepal_length": sepal_length,
        "sepal_width": sepal_width,
        "petal_length": petal_length,
        "petal_width": petal_width,
        "prediction": answer["prediction_int"],
    }
    tasks.add_task(save, row)
    return answer
