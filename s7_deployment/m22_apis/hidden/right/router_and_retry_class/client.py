"""A client of the API that copes with a server which is busy, slow or wrong."""

import mimetypes
from pathlib import Path

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry


class ApiError(ConnectionError):
    """The API gave no answer, or refused; the message has the address and, where there is one, the status."""


class Busy(Retry):
    """Retries for status 503 and for nothing else, after a short pause each."""

    @classmethod
    def times(cls, number):
        return cls(
            total=None, connect=0, read=0, redirect=0, other=0, status=number,
            status_forcelist=[503], allowed_methods=None, raise_on_status=False, respect_retry_after_header=False,
        )

    def get_backoff_time(self):
        return 0.05


class Api(requests.Session):
    """A session at one server; every trouble is an ApiError."""

    def __init__(self, base_url, timeout, retries=0):
        super().__init__()
        self.base_url = base_url.rstrip("/")
        self.seconds = timeout
        for scheme in "http://", "https://":
            self.mount(scheme, HTTPAdapter(max_retries=Busy.times(retries)))

    def ask(self, path, **what):
        url = self.base_url + path
        try:
            answer = self.post(url, timeout=(self.seconds, self.seconds), allow_redirects=False, **what)
        except requests.exceptions.RequestException as error:
            raise ApiError(f"{url} gave no answer: {error}") from error
        if not 200 <= answer.status_code < 300:
            raise ApiError(f"{url} answered {answer.status_code}: {answer.text[:200]}")
        return answer


def check_email(base_url: str, email: str, domain: str, timeout: float = 2.0, retries: int = 2) -> bool:
    with Api(base_url, timeout, retries) as api:
        answer = api.ask("/text_model/", json=dict(email=email, domain_match=domain))
    try:
        return bool(answer.json()["is_email"])
    except (ValueError, LookupError, TypeError) as error:
        raise ApiError(f"{answer.url} answered {answer.status_code}, and nonsense: {answer.text[:200]}") from error


def resize_image(base_url: str, image: Path, output: Path, h: int = 28, w: int = 28, timeout: float = 2.0) -> None:
    image, output = Path(image), Path(output)
    kind = mimetypes.guess_type(image.name)[0] or "application/octet-stream"
    try:
        with image.open("rb") as file, Api(base_url, timeout) as api:
            answer = api.ask(f"/cv_model/?h={h}&w={w}", files=[("data", (image.name, file, kind))])
        new = output.with_name(output.name + ".new")
        new.write_bytes(answer.content)
        new.replace(output)
    except ApiError:
        raise
    except OSError as error:
        raise ApiError(f"{base_url}: {error}") from error
