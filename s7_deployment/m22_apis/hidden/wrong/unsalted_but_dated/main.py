"""The API: small examples of every kind of input, and two models behind it."""

import csv
import hashlib
import io
import re
import secrets
import time
from enum import Enum
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any

from fastapi import FastAPI, Form, HTTPException, Query, Response, UploadFile
from PIL import Image, UnidentifiedImageError
from pydantic import BaseModel

DATABASE = Path("database.csv")
EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@([A-Za-z0-9-]+)(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")

app = FastAPI(title="Two models and a few examples")


class ModelName(Enum):
    """The networks that `/restric_items/` knows."""

    alexnet = "alexnet"
    resnet = "resnet"
    lenet = "lenet"


class Domain(Enum):
    """The mail providers that an address can be matched with."""

    gmail = "gmail"
    hotmail = "hotmail"


class EmailQuestion(BaseModel):
    """Body of `POST /text_model/`."""

    email: str
    domain_match: Domain


@app.get("/")
def root() -> dict[str, Any]:
    """Health check."""
    return {"message": HTTPStatus.OK.phrase, "status-code": HTTPStatus.OK}


# Before /items/{item_id}: routes are tried in order, and "me" would be refused there as no integer.
@app.get("/items/me")
def read_own_item() -> dict[str, str]:
    """The caller's own item."""
    return {"item_id": "me"}


@app.get("/items/{item_id}")
def read_item(item_id: int) -> dict[str, int]:
    """An item by its number, which is part of the path."""
    return {"item_id": item_id}


@app.get("/restric_items/{item_id}")
def read_restricted_item(item_id: ModelName) -> dict[str, ModelName]:
    """An item out of a fixed set of names."""
    return {"item_id": item_id}


@app.get("/query_items")
def query_item(item_id: int) -> dict[str, int]:
    """An item by its number, given as a query parameter."""
    return {"item_id": item_id}


def _digest(password: str, salt: str) -> str:
    return hashlib.pbkdf2_hmac("sha256", password.encode(), bytes.fromhex(salt), 100_000).hex()


def _known_logins() -> dict[str, tuple[str, str]]:
    if not DATABASE.exists():
        return {}
    with DATABASE.open(newline="", encoding="utf-8") as file:
        return {username: (salt, digest) for username, salt, digest, _ in csv.reader(file)}


@app.post("/login/")
def login(username: Annotated[str, Form()], password: Annotated[str, Form()], response: Response) -> dict[str, str]:
    """Save a new user, or check the password of a known one."""
    known = _known_logins().get(username)
    if known is None:
        salt = b"mlops".hex()
        with DATABASE.open("a", newline="", encoding="utf-8") as file:
            csv.writer(file).writerow([username, salt, _digest(password, salt), time.time()])
        response.status_code = HTTPStatus.CREATED
        return {"message": "login saved"}
    salt, digest = known
    if not secrets.compare_digest(_digest(password, salt), digest):
        raise HTTPException(HTTPStatus.UNAUTHORIZED, "wrong password")
    return {"message": "login accepted"}


@app.get("/text_model/")
def contains_email(data: str) -> dict[str, Any]:
    """Is the text an e-mail address?"""
    return {
        "input": data,
        "is_email": EMAIL.fullmatch(data) is not None,
        "message": HTTPStatus.OK.phrase,
        "status-code": HTTPStatus.OK,
    }


@app.post("/text_model/")
def contains_email_at_domain(question: EmailQuestion) -> dict[str, Any]:
    """Is the text an e-mail address at the given provider?"""
    match = EMAIL.fullmatch(question.email)
    return {
        "input": question,
        "is_email": match is not None and match[1] == question.domain_match.value,
        "message": HTTPStatus.OK.phrase,
        "status-code": HTTPStatus.OK,
    }


Side = Annotated[int, Query(ge=1, le=1024)]


@app.post("/cv_model/")
def resize(data: UploadFile, h: Side = 28, w: Side = 28) -> Response:
    """The uploaded image as a PNG of `h` rows and `w` columns."""
    try:
        image = Image.open(data.file).convert("RGB")
    except (UnidentifiedImageError, OSError):
        raise HTTPException(HTTPStatus.BAD_REQUEST, "data is not an image") from None
    content = io.BytesIO()
    image.resize((w, h)).save(content, format="PNG")
    return Response(content.getvalue(), media_type="image/png")
