"""The API: small examples of every kind of input, and two models behind it."""

import csv
import hmac
import io
import re
import secrets
import threading
from hashlib import scrypt
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import Body, FastAPI, File, HTTPException, Query, Request, Response
from PIL import Image, ImageCms
from pydantic import BaseModel, ConfigDict

DATABASE = Path("database.csv")

app = FastAPI(title="Two models and a few examples")
writing = threading.Lock()

OK = {"message": HTTPStatus.OK.phrase, "status-code": HTTPStatus.OK.value}


@app.get("/")
async def root() -> dict[str, Any]:
    """Health check."""
    return OK


@app.get("/items/me")
async def read_me() -> dict[str, str]:
    """The item that is me; above the next route, which would refuse it."""
    return {"item_id": "me"}


@app.get("/items/{item_id}")
async def read_item(item_id: int) -> dict[str, int]:
    """An item by its number, which is part of the path."""
    return dict(item_id=item_id)


@app.get("/restric_items/{item_id}")
async def read_restricted_item(item_id: Literal["alexnet", "resnet", "lenet"]) -> dict[str, Any]:
    """An item out of a fixed set of names."""
    return dict(item_id=item_id)


@app.get("/query_items")
async def query_item(item_id: int) -> dict[str, int]:
    """An item by its number, given as a query parameter."""
    return dict(item_id=item_id)


def _digest(password: str, salt: bytes) -> str:
    return scrypt(password.encode(), salt=salt, n=1 << 13, r=8, p=1).hex()


def _users() -> dict[str, tuple[str, str]]:
    if not DATABASE.exists():
        return {}
    with DATABASE.open(newline="", encoding="utf-8") as file:
        return {name: (salt, digest) for salt, digest, name in csv.reader(file, quoting=csv.QUOTE_ALL)}


async def _credentials(request: Request) -> tuple[str, str]:
    """The fields of the form, or 422."""
    form = await request.form()
    values = form.get("username"), form.get("password")
    if not all(isinstance(value, str) and value for value in values):
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, "the form has the fields username and password")
    return values  # type: ignore[return-value]


@app.post("/login/")
async def login(request: Request, response: Response) -> dict[str, str]:
    """Save a new user in DATABASE, or check the password of a known one."""
    username, password = await _credentials(request)
    with writing:
        known = _users().get(username)
        if known is None:
            salt = secrets.token_bytes(16)
            with DATABASE.open("a", newline="", encoding="utf-8") as file:
                csv.writer(file, quoting=csv.QUOTE_ALL).writerow([salt.hex(), _digest(password, salt), username])
            response.status_code = HTTPStatus.CREATED
            return {"message": "login saved"}
    salt_hex, digest = known
    if hmac.compare_digest(digest, _digest(password, bytes.fromhex(salt_hex))):
        return {"message": "login accepted"}
    raise HTTPException(HTTPStatus.UNAUTHORIZED, "wrong password")


ADDRESS = re.compile(r"^[A-Za-z0-9._%+-]+@([A-Za-z0-9-]+)(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}$")


def first_label(text: str) -> str | None:
    """The first label of the domain of an address; None for what is none."""
    found = ADDRESS.match(text)
    return found[1] if found else None


@app.get("/text_model/")
async def contains_email(data: str) -> dict[str, Any]:
    """Is the text `data` an e-mail address?"""
    return {"input": data, "is_email": first_label(data) is not None} | OK


class Question(BaseModel):
    """The body of the second text model; further fields are sent back as they came."""

    model_config = ConfigDict(extra="allow")

    email: str
    domain_match: Literal["gmail", "hotmail"]


@app.post("/text_model/")
async def contains_email_at_domain(question: Annotated[Question, Body()]) -> dict[str, Any]:
    """Is the text `email` an e-mail address at the provider `domain_match`?"""
    return {"input": question.model_dump(), "is_email": first_label(question.email) == question.domain_match} | OK


def to_rgb(image: Image.Image) -> Image.Image:
    """Any mode as RGB, those with 16 bits and L*a*b* as well."""
    if image.mode.startswith("I;16"):
        return image.point(lambda value: value / 256).convert("L").convert("RGB")
    if image.mode == "LAB":
        lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(image, lab, srgb, outputMode="RGB")
    return image.convert("RGB")


Side = Annotated[int, Query(gt=0, lt=1025)]


@app.post("/cv_model/", response_class=Response)
async def resize(data: Annotated[bytes, File()], h: Side = 28, w: Side = 28) -> Response:
    """The uploaded image `data` as a PNG of `h` rows and `w` columns."""
    try:
        Image.open(io.BytesIO(data)).verify()
        with Image.open(io.BytesIO(data)) as image:
            whole = (0, 0, *image.size)
            small = to_rgb(image).transform((w, h), Image.Transform.EXTENT, whole, Image.Resampling.BILINEAR)
    except Exception as trouble:  # Pillow's readers raise nearly everything
        raise HTTPException(HTTPStatus.BAD_REQUEST, f"this is no image, or a damaged one: {trouble}") from trouble
    answer = io.BytesIO()
    small.save(answer, "png")
    return Response(answer.getvalue(), headers={"content-type": "image/png"})
