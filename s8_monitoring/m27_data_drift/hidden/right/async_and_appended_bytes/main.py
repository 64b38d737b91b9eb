"""An API that classifies iris flowers, and remembers what it was asked."""

import os
from datetime import datetime, timezone

import classifier
from fastapi import BackgroundTasks, FastAPI

DATABASE = "prediction_database.csv"
HEADER = b"time,sepal_length,sepal_width,petal_length,petal_width,prediction\n"

app = FastAPI(title="iris")

try:
    import fcntl
except ImportError:  # pragma: no cover
    fcntl = None


def answer(*measurements: float) -> dict[str, str | int]:
    k = classifier.predict(*measurements)
    return dict(prediction_int=k, prediction=classifier.SPECIES[k])


@app.post("/iris_v1/")
async def iris_v1(sepal_length: float, sepal_width: float, petal_length: float, petal_width: float) -> dict[str, str | int]:
    """Classify one flower."""
    return answer(sepal_length, sepal_width, petal_length, petal_width)


def add_to_database(
    sepal_length: float, sepal_width: float, petal_length: float, petal_width: float, prediction: int
) -> None:
    """One write() under a lock of the file: threads and processes alike wait for each other."""
    descriptor = os.open(DATABASE, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        if fcntl is not None:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        now = datetime.now(timezone.utc).isoformat(timespec="microseconds")
        row = f"{now},{sepal_length!r},{sepal_width!r},{petal_length!r},{petal_width!r},{prediction:d}\n".encode()
        if os.fstat(descriptor).st_size == 0:
            row = HEADER + row
        os.write(descriptor, row)
    finally:
        os.close(descriptor)


@app.post("/iris_v2/")
async def iris_v2(
    background_tasks: BackgroundTasks,
    sepal_length: float,
    sepal_width: float,
    petal_length: float,
    petal_width: float,
) -> dict[str, str | int]:
    """Classify, and save afterwards."""
    result = answer(sepal_length, sepal_width, petal_length, petal_width)
    background_tasks.add_task(
        add_to_database,
        prediction=int(result["prediction_int"]),
        petal_width=petal_width,
        petal_length=petal_length,
        sepal_width=sepal_width,
        sepal_length=sepal_length,
    )
    return result
