"""A client of the API that copes with a server which is busy, slow or wrong."""

import time
from pathlib import Path
from typing import Any

import requests

PAUSE = 0.05


class ApiError(ConnectionError):
    """The API gave no answer, or refused; the message has the address and, where there is one, the status."""


class BusyError(ApiError):
    """Status 503: worth another try."""


def check_email(base_url: str, email: str, domain: str, timeout: float = 2.0, retries: int = 2) -> bool:
    """Ask `POST /text_model/` whether `email` is an address at `domain`; ask again when the server is busy (503)."""
    question = {"email": email, "domain_match": domain}
    while True:
        try:
            answer = _post(f"{base_url.rstrip('/')}/text_model/", timeout, json=question)
        except BusyError:
            if retries == 0:
                raise
            retries -= 1
            time.sleep(PAUSE)
        else:
            return bool(answer.json()["is_email"])


def resize_image(base_url: str, image: Path, output: Path, h: int = 28, w: int = 28, timeout: float = 2.0) -> None:
    """Send the file `image` to `POST /cv_model/` and write the answer to `output`, which is left alone on failure."""
    with Path(image).open("rb") as file:
        answer = _post(f"{base_url.rstrip('/')}/cv_model/", timeout, params={"h": h, "w": w}, files={"data": file})
    Path(output).write_bytes(answer.content)


def _post(url: str, timeout: float, **content: Any) -> requests.Response:
    try:
        answer = requests.post(url, timeout=timeout, **content)
    except requests.RequestException as error:
        raise ApiError(f"{url}: {error}") from error
    if answer.status_code == 503:
        raise BusyError(f"{url}: status 503")
    if not answer.ok:
        raise ApiError(f"{url}: status {answer.status_code}")
    return answer
