"""The same client with a loop over the tries and a generic request function."""

from pathlib import Path
from time import sleep

import requests


class ApiError(ConnectionError):
    """The API gave no answer, or refused."""

    def __init__(self, status: int | None, text: str) -> None:
        super().__init__(f"{status}: {text}")
        self.status = status


def _ask(method: str, base_url: str, path: str, tries: int, **options: object) -> requests.Response:
    address = "/".join([base_url.strip("/"), path])
    status = None
    for number in range(tries):
        if number:
            sleep(0.1)
        try:
            response = requests.request(method, address, **options)
        except (requests.ConnectionError, requests.Timeout) as error:
            raise ApiError(None, repr(error)) from error
        status = response.status_code
        if 200 <= status < 300:
            return response
        if status != 503:
            break
    raise ApiError(status, address)


def check_email(base_url: str, email: str, domain: str, timeout: float = 2.0, retries: int = 2) -> bool:
    body = {"domain_match": domain, "email": email}
    response = _ask("POST", base_url, "text_model/", 1 + retries, json=body, timeout=timeout)
    return response.json().get("is_email", False) is True


def resize_image(base_url: str, image: Path, output: Path, h: int = 28, w: int = 28, timeout: float = 2.0) -> None:
    upload = {"data": Path(image).read_bytes()}
    size = {key: value for key, value in (("h", h), ("w", w)) if value != 28}
    response = _ask("POST", base_url, "cv_model/", 1, params=size, files=upload, timeout=timeout)
    temporary = Path(f"{output}.part")
    temporary.write_bytes(response.content)
    temporary.rename(output)
