"""The same API, asynchronous, with Literal types, response models, and one JSON cell a user in the database."""

import csv
import hashlib
import json
import os
import re
import tempfile
from typing import Annotated, Literal

from fastapi import Body, FastAPI, File, Form, HTTPException, Path, Query, UploadFile
from fastapi.responses import Response
from PIL import Image
from pydantic import BaseModel, ConfigDict

app = FastAPI()
WORD = "[a-zA-Z0-9-]+"


class Item(BaseModel):
    item_id: int | str


class Verdict(BaseModel):
    model_config = ConfigDict(populate_by_name=True)
    input: str | dict[str, str]
    is_email: bool
    message: str = "OK"


@app.get("/")
async def index():
    return dict([("status-code", 200), ("message", "OK")])


@app.get("/items/me", response_model=Item)
async def me():
    return Item(item_id="me")


@app.get("/items/{item_id}", response_model=Item)
async def items(item_id: Annotated[int, Path(title="number")]):
    return Item(item_id=item_id)


@app.get("/restric_items/{item_id}", response_model=Item)
async def restric_items(item_id: Literal["alexnet", "resnet", "lenet"]):
    return Item(item_id=item_id)


@app.get("/query_items", response_model=Item)
async def query_items(item_id: Annotated[int, Query()]):
    return Item(item_id=item_id)


class Credentials(BaseModel):
    username: str
    password: str


@app.post("/login/", status_code=200)
async def login(credentials: Annotated[Credentials, Form()], response: Response):
    rows = []
    if os.path.isfile("database.csv"):
        with open("database.csv", newline="") as file:
            rows = list(csv.reader(file))
    for name, secret in rows:
        if name == credentials.username:
            entry = json.loads(secret)
            if entry["digest"] != slow(credentials.password, entry["salt"]):
                raise HTTPException(401)
            return {"message": "login accepted"}
    salt = os.urandom(8).hex()
    rows.append([credentials.username, json.dumps({"salt": salt, "digest": slow(credentials.password, salt)})])
    with open("database.csv", "w", newline="") as file:
        csv.writer(file).writerows(rows)
    response.status_code = 201
    return {"message": "login saved"}


def slow(password, salt):
    digest = (salt + password).encode()
    for _ in range(20_000):
        digest = hashlib.sha256(digest).digest()
    return digest.hex()


@app.get("/text_model/")
async def ask(data: str):
    ok = bool(re.match(rf"\A[a-zA-Z0-9._%+-]+@(?:{WORD}\.)+[a-zA-Z]{{2,}}\Z", data))
    return Verdict(input=data, is_email=ok).model_dump() | {"status-code": 200}


@app.post("/text_model/")
async def ask_domain(email: Annotated[str, Body()], domain_match: Annotated[Literal["gmail", "hotmail"], Body()]):
    ok = bool(re.match(rf"\A[a-zA-Z0-9._%+-]+@{domain_match}\.(?:{WORD}\.)*[a-zA-Z]{{2,}}\Z", email))
    question = {"email": email, "domain_match": domain_match}
    return Verdict(input=question, is_email=ok).model_dump() | {"status-code": 200}


@app.post("/cv_model/", response_class=Response)
async def resize(
    data: Annotated[UploadFile, File()],
    h: Annotated[int, Query(gt=0, lt=1025)] = 28,
    w: Annotated[int, Query(gt=0, lt=1025)] = 28,
):
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/upload", "wb") as file:
            file.write(await data.read())
        try:
            with Image.open(f"{folder}/upload") as image:
                small = image.convert("RGB").resize(size=(w, h), resample=Image.Resampling.NEAREST)
        except (OSError, SyntaxError):
            raise HTTPException(status_code=400, detail="no image") from None
        small.save(f"{folder}/small.png")
        with open(f"{folder}/small.png", "rb") as file:
            return Response(file.read(), headers={"content-type": "image/png"})
