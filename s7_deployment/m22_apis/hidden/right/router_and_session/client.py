"""The same client with a session whose adapter does the retries."""

from contextlib import contextmanager
from urllib.parse import urljoin

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry


class ApiError(ConnectionError):
    """The API gave no answer, or refused."""


@contextmanager
def session(retries):
    retry = Retry(retries, connect=0, read=0, status_forcelist=[503], allowed_methods=None, backoff_factor=0.05)
    with requests.Session() as opened:
        opened.mount("http://", HTTPAdapter(max_retries=retry))
        try:
            yield opened
        except requests.RequestException as error:
            raise ApiError(str(error)) from error


def check_email(base_url, email, domain, timeout=2.0, retries=2):
    url = urljoin(base_url + "/" if not base_url.endswith("/") else base_url, "text_model/")
    with session(retries) as opened:
        response = opened.post(url, json={"email": email, "domain_match": domain}, timeout=timeout)
        response.raise_for_status()
        return response.json()["is_email"]


def resize_image(base_url, image, output, h=28, w=28, timeout=2.0):
    url = urljoin(base_url + "/" if not base_url.endswith("/") else base_url, f"cv_model/?h={h}&w={w}")
    with open(image, "rb") as file:
        content = file.read()
    with session(0) as opened:
        response = opened.post(url, files={"data": ("image", content)}, timeout=timeout)
        response.raise_for_status()
    with open(output, "wb") as file:
        file.write(response.content)
