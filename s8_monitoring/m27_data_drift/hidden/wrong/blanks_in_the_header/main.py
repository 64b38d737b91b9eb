"""An API that classifies iris flowers, and remembers what it was asked."""

from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from classifier import SPECIES, predict
from fastapi import BackgroundTasks, FastAPI

DATABASE = Path("prediction_database.csv")
HEADER = "time, sepal_length, sepal_width, petal_length, petal_width, prediction\n"

app = FastAPI()
database_lock = Lock()


@app.post("/iris_v1/")
def iris_v1(sepal_length: float, sepal_width: float, petal_length: float, petal_width: float) -> dict[str, str | int]:
    """Classify one flower."""
    prediction = predict(sepal_length, sepal_width, petal_length, petal_width)
    return {"prediction": SPECIES[prediction], "prediction_int": prediction}


def add_to_database(
    sepal_length: float, sepal_width: float, petal_length: float, petal_width: float, prediction: int
) -> None:
    """Append one row, stamped with the present time in UTC, to `prediction_database.csv`."""
    time = datetime.now(UTC).isoformat()
    # Background tasks run in a pool of threads: two of them may find the file absent at the same time.
    with database_lock, DATABASE.open("a") as database:
        if database.tell() == 0:
            database.write(HEADER)
        database.write(f"{time},{sepal_length},{sepal_width},{petal_length},{petal_width},{prediction}\n")


@app.post("/iris_v2/")
def iris_v2(
    background_tasks: BackgroundTasks,
    sepal_length: float,
    sepal_width: float,
    petal_length: float,
    petal_width: float,
) -> dict[str, str | int]:
    """Classify one flower like `/iris_v1/`, and save the request once the response is on its way."""
    answer = iris_v1(sepal_length, sepal_width, petal_length, petal_width)
    background_tasks.add_task(
        add_to_database, sepal_length, sepal_width, petal_length, petal_width, answer["prediction_int"]
    )
    return answer
