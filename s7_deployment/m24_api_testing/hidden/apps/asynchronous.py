"""A right app in another style: asynchronous, other scores, more fields, numbers that start elsewhere."""

import math
import re
import time

from fastapi import Body, FastAPI, Query
from fastapi.responses import JSONResponse, Response

app = FastAPI()
WEIGHTS = dict.fromkeys(["good", "great", "lovely", "brilliant", "enjoyable"], 1.0)
WEIGHTS |= dict.fromkeys(["bad", "awful", "dull", "boring", "terrible"], -1.0)


def entry(number, review):
    total = sum(WEIGHTS.get(word, 0.0) for word in re.findall(r"\w+", review.lower()))
    score = 1 / (1 + math.exp(-total))
    return {
        "review": review,
        "id": number,
        "words": len(review.split()),
        "score": score,
        "label": "negative" if score < 0.5 else "positive",
        "model": "logistic-3",
        "when": time.time(),
    }


store = [entry(1000 + row, review) for row, review in enumerate(["a good start", "a terrible end", "seen before"])]


def missing():
    return JSONResponse({"reason": "unknown number"}, status_code=404)


@app.get("/")
async def index():
    return {"version": "3", "message": "OK"}


@app.post("/predict")
async def predict(review: str = Body(embed=True, strict=True)):
    if review.isspace() or review == "":
        return JSONResponse({"reason": "say something"}, status_code=422)
    if len(review) >= 1001:
        return JSONResponse({"reason": "say less"}, status_code=413)
    predict.count = getattr(predict, "count", 5000) + 7
    store.append(entry(predict.count, review))
    return {key: value for key, value in store[-1].items() if key != "review"}


@app.get("/predictions")
async def listing(limit: int = Query(default=10, gt=0)):
    return store[: -limit - 1 : -1]


@app.get("/predictions/{wanted}")
async def one(wanted: int):
    return next((item for item in store if item["id"] == wanted), None) or missing()


@app.delete("/predictions/{wanted}")
async def remove(wanted: int):
    for item in store:
        if item["id"] == wanted:
            store.remove(item)
            return Response(status_code=204)
    return missing()
