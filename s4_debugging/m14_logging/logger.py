"""A logger for one program or one part of it: to the console what matters now, to a file everything."""

from pathlib import Path
from typing import Any


def make_logger(
    name: str, log_file: str | Path, level: str = "INFO", max_bytes: int = 1_000_000, backups: int = 3
) -> Any:
    """Return the logger of that name, set up anew: an object with the methods debug, info, warning, error, exception.

    Messages of `level` and above go to stderr; all messages, from DEBUG, go to `log_file` (UTF-8, its folder is made
    when absent), which is rotated before it exceeds `max_bytes`; `backups` older files are kept beside it.

    Raises:
        ValueError: the level is not one of DEBUG, INFO, WARNING, ERROR and CRITICAL.
    """
    raise NotImplementedError("TODO: make a logger that writes to the console and to a rotating file")
