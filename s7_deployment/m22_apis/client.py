"""A client of the API that copes with a server which is busy, slow or wrong."""

from pathlib import Path


class ApiError(ConnectionError):
    """The API gave no answer, or refused; the message has the address and, where there is one, the status."""


def check_email(base_url: str, email: str, domain: str, timeout: float = 2.0, retries: int = 2) -> bool:
    """Ask `POST /text_model/` whether `email` is an address at `domain`.

    Args:
        base_url: where the API is, with or without a slash at the end.
        email: the text to check.
        domain: `gmail` or `hotmail`.
        timeout: seconds to wait for an answer.
        retries: how many more times to ask, with a short pause, when the server is busy (status 503).

    Raises:
        ApiError: no answer in time, any status that is not a success, or still busy after the last try.
    """
    raise NotImplementedError("TODO: post the question with requests and return the answer's is_email")


def resize_image(base_url: str, image: Path, output: Path, h: int = 28, w: int = 28, timeout: float = 2.0) -> None:
    """Send the file `image` to `POST /cv_model/` and write the answer to `output`.

    Raises:
        ApiError: no answer in time, or any status that is not a success. `output` is left as it was then.
    """
    raise NotImplementedError("TODO: upload the image with requests and write what comes back")
