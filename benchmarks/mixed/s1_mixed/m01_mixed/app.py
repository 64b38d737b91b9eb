"""An API with one route."""

from fastapi import FastAPI

app = FastAPI()


@app.get("/double/{number}")
def double(number: int) -> dict[str, int]:
    return {"double": 2 * number}
