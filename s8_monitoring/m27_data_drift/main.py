"""An API that classifies iris flowers, and remembers what it was asked."""

from fastapi import BackgroundTasks, FastAPI

DATABASE = "prediction_database.csv"

app = FastAPI()


@app.post("/iris_v1/")
def iris_v1(sepal_length: float, sepal_width: float, petal_length: float, petal_width: float) -> dict[str, str | int]:
    """Classify one flower.

    Returns:
        `{"prediction": "setosa", "prediction_int": 0}`: the name of the species and its index.
    """
    raise NotImplementedError("TODO: classify the flower")


def add_to_database(
    sepal_length: float, sepal_width: float, petal_length: float, petal_width: float, prediction: int
) -> None:
    """Append one row, stamped with the present time in UTC, to `prediction_database.csv`."""
    raise NotImplementedError("TODO: append a row; a new file begins with a header")


@app.post("/iris_v2/")
def iris_v2(
    background_tasks: BackgroundTasks,
    sepal_length: float,
    sepal_width: float,
    petal_length: float,
    petal_width: float,
) -> dict[str, str | int]:
    """Classify one flower like `/iris_v1/`, and save the request once the response is on its way."""
    raise NotImplementedError("TODO: classify the flower and write its row in the background")
