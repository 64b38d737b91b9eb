"""The service with a lifespan, validation by hand, and uvicorn's Server object."""

import os
from contextlib import asynccontextmanager
from math import isfinite

from classifier import NearestNeighbours
from fastapi import FastAPI, HTTPException, Request
from uvicorn import Config, Server


@asynccontextmanager
async def lifespan(app):
    app.state.model = NearestNeighbours.from_file("model.json")
    yield
    del app.state.model


app = FastAPI(lifespan=lifespan)


@app.get("/health")
async def health(request: Request):
    return {"status": "ok" if request.app.state.model else "starting"}


@app.post("/predict")
async def predict(request: Request):
    try:
        flower = (await request.json())["input_data"]
        valid = len(flower) == 4 and all(type(number) in (int, float) and isfinite(number) for number in flower)
    except (ValueError, KeyError, TypeError):
        valid = False
    if not valid:
        raise HTTPException(422)
    return {"prediction": request.app.state.model.predict(flower)}


if __name__ == "__main__":
    Server(Config(app, host="0.0.0.0", port=int(os.environ.get("PORT", 8080)), timeout_graceful_shutdown=5)).run()
