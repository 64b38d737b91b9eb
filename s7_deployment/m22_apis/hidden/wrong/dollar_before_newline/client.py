"""A client of the API that copes with a server which is busy, slow or wrong."""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import requests

PAUSE = 0.05


class ApiError(ConnectionError):
    """The API gave no answer, or refused; the message has the address and, where there is one, the status."""


@contextmanager
def _only_api_errors(address: str) -> Iterator[None]:
    """Whatever goes wrong inside becomes an ApiError."""
    try:
        yield
    except ApiError:
        raise
    except (OSError, ValueError, KeyError, TypeError) as trouble:  # those of requests are OSErrors
        raise ApiError(f"{address}: {trouble!r}") from trouble


def _post(address: str, *, retries: int = 0, **arguments: Any) -> requests.Response:
    response = requests.post(address, allow_redirects=False, **arguments)
    if response.status_code == 503 and retries > 0:
        time.sleep(PAUSE)
        return _post(address, retries=retries - 1, **arguments)
    if response.status_code // 100 != 2:
        raise ApiError(f"{address}: status {response.status_code} {response.reason}")
    return response


def check_email(base_url: str, email: str, domain: str, timeout: float = 2.0, retries: int = 2) -> bool:
    """Ask `POST /text_model/` whether `email` is an address at `domain`."""
    address = urljoin(base_url.rstrip("/") + "/", "text_model/")
    with _only_api_errors(address):
        body = {"domain_match": domain, "email": email}
        return bool(_post(address, json=body, timeout=timeout, retries=retries).json()["is_email"])


def resize_image(base_url: str, image: Path, output: Path, h: int = 28, w: int = 28, timeout: float = 2.0) -> None:
    """Send the file `image` to `POST /cv_model/` and write the answer to `output`."""
    address = urljoin(base_url.rstrip("/") + "/", "cv_model/")
    with _only_api_errors(address):
        files = {"data": Path(image).read_bytes()}
        content = _post(address, params={"w": w, "h": h}, files=files, timeout=timeout).content
        with tempfile.NamedTemporaryFile(dir=Path(output).parent, delete=False) as file:
            file.write(content)
        os.replace(file.name, output)
