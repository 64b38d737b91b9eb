import base64
import enum
import hashlib
import os
import re
from io import BytesIO
from pathlib import Path
from threading import RLock
from typing import Annotated, Any

import numpy as np
import pandas as pd
from fastapi import APIRouter, FastAPI, Form, HTTPException, Query, Response, UploadFile, status
from fastapi import Path as InPath
from fastapi.responses import JSONResponse, StreamingResponse
from PIL import Image
from pydantic import BaseModel

DATABASE = Path("database.csv")
ROUNDS = 120_000

router = APIRouter()


def answer(**fields: Any) -> dict[str, Any]:
    return {**fields, "message": "OK", "status-code": status.HTTP_200_OK}


@router.get("/")
def root() -> dict[str, Any]:
    return answer()


class Net(str, enum.Enum):
    ALEXNET, RESNET, LENET = "alexnet", "resnet", "lenet"


class Provider(enum.Enum):
    gmail = "gmail"
    hotmail = "hotmail"


@router.get("/items/{item_id}")
def read_item(item_id: Annotated[str, InPath(pattern="^([+-]?[0-9]{1,4000}|me)$")]) -> dict[str, int | str]:
    """Numbers, and me, by one route."""
    return {"item_id": item_id if item_id == "me" else int(item_id)}


@router.get("/restric_items/{item_id}")
def read_restricted_item(item_id: Net) -> dict[str, Any]:
    return {"item_id": item_id.value}


@router.get("/query_items")
def query_item(item_id: Annotated[int, Query(description="the number of the item")]) -> dict[str, int]:
    return {"item_id": item_id}


class Users:
    """The users, in a CSV file without a header: name, salt, digest."""

    COLUMNS = ["username", "salt", "digest"]

    def __init__(self, path: Path) -> None:
        self.path, self.lock = path, RLock()

    def _table(self) -> pd.DataFrame:
        try:
            return pd.read_csv(self.path, header=None, names=self.COLUMNS, dtype=str, keep_default_na=False)
        except (FileNotFoundError, pd.errors.EmptyDataError):
            return pd.DataFrame(columns=self.COLUMNS)

    @staticmethod
    def digest(password: str, salt: str) -> str:
        raw = hashlib.pbkdf2_hmac("sha256", password.encode("utf-8"), base64.b64decode(salt), ROUNDS)
        return base64.b64encode(raw).decode()

    def check(self, name: str, password: str) -> bool | None:
        """Is that the password? None for a user who was not known, and is now."""
        with self.lock:
            table = self._table()
            rows = table[table.username == name]
            if rows.empty:
                salt = base64.b64encode(os.urandom(24)).decode()
                row = pd.DataFrame([[name, salt, self.digest(password, salt)]])
                row.to_csv(self.path, mode="a", header=False, index=False, lineterminator="\n", quoting=1)
                return None
        return rows.iloc[0].digest == self.digest(password, rows.iloc[0].salt)


users = Users(DATABASE)


@router.post("/login/", responses={201: {}, 401: {}})
def login(username: Annotated[str, Form()], password: Annotated[str, Form()]) -> JSONResponse:
    match users.check(username, password):
        case None:
            return JSONResponse({"message": "login saved"}, 201)
        case True:
            return JSONResponse({"message": "login accepted"})
        case _:
            return JSONResponse({"message": "login refused"}, 401)


ADDRESS = re.compile(
    r"""[A-Z0-9._%+-]+
        @
        (?P<first> [A-Z0-9-]+ )
        (?: \. [A-Z0-9-]+ )*
        \. [A-Z]{2,}
        \Z""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)


@router.get("/text_model/")
def contains_email(data: str) -> dict[str, Any]:
    return answer(input=data, is_email=bool(ADDRESS.match(data)))


class Mail(BaseModel):
    email: str
    domain_match: Provider


@router.post("/text_model/")
def contains_email_at_domain(data: Mail) -> dict[str, Any]:
    found = ADDRESS.match(data.email)
    return answer(input=data, is_email=found is not None and found["first"] == data.domain_match.value)


def _rgb(image: Image.Image) -> np.ndarray:
    if image.mode in ("I;16", "I;16B", "I;16L", "I;16N"):
        grey = (np.asarray(image).astype(np.uint32) >> 8).astype(np.uint8)
        return np.stack([grey] * 3, axis=-1)
    if image.mode == "LAB":
        from PIL import ImageCms

        transform = ImageCms.buildTransform(
            ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB"
        )
        image = ImageCms.applyTransform(image, transform)
    if image.mode in ("La", "RGBa"):
        image = image.convert(image.mode.upper())
    return np.asarray(image.convert("RGB"))


@router.post("/cv_model/")
def resize(
    data: UploadFile,
    h: int = Query(default=28, ge=1, le=1024),
    w: int = Query(default=28, ge=1, le=1024),
) -> Response:
    raw = data.file.read()
    try:
        with Image.open(BytesIO(raw)) as check:
            check.verify()
        with Image.open(BytesIO(raw)) as image:
            pixels = _rgb(image)
    except Exception:
        raise HTTPException(status_code=400, detail="not an image that can be read") from None
    # Each pixel of the answer is the one that lies under its centre.
    rows = ((np.arange(h) + 0.5) * pixels.shape[0] / h).astype(int)
    columns = ((np.arange(w) + 0.5) * pixels.shape[1] / w).astype(int)
    buffer = BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels[rows][:, columns])).save(buffer, format="PNG", optimize=True)
    buffer.seek(0)
    return StreamingResponse(buffer, media_type="image/png")


app = FastAPI(title="Two models and a few examples")
app.include_router(router)
