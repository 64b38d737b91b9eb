"""Irises over HTTP."""

import os
from contextlib import asynccontextmanager
from typing import NamedTuple

import uvicorn
from classifier import NearestNeighbours
from fastapi import Body, FastAPI, HTTPException, Request


@asynccontextmanager
async def lifespan(app):
    app.state.model = NearestNeighbours.from_file("model.json")
    yield


app = FastAPI(lifespan=lifespan)


class Measures(NamedTuple):
    sepal_length: float
    sepal_width: float
    petal_length: float
    petal_width: float


@app.post("/predict")
async def predict(request: Request, input_data: list[float] = Body(embed=True)):
    try:
        measures = Measures(*input_data)
    except TypeError as error:
        raise HTTPException(422, "four numbers, please") from error
    return {"prediction": request.app.state.model.predict(list(measures))}


app.add_api_route("/health", lambda: {"status": "ok"})

if __name__ == "__main__":
    uvicorn.Server(uvicorn.Config("service:app", host="", port=int(os.getenv("PORT") or 8080))).run()
