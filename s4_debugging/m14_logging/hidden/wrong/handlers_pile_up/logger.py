"""A logger for one program or one part of it: to the console what matters now, to a file everything."""

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

FORMAT = "%(asctime)s | %(levelname)s | %(name)s | %(message)s"


def make_logger(
    name: str, log_file: str | Path, level: str = "INFO", max_bytes: int = 1_000_000, backups: int = 3
) -> logging.Logger:
    """Return the logger of that name, set up anew.

    Messages of `level` and above go to stderr; all messages, from DEBUG, go to `log_file` (UTF-8, its folder is made
    when absent), which is rotated before it exceeds `max_bytes`; `backups` older files are kept beside it.

    Raises:
        ValueError: the level is not one of DEBUG, INFO, WARNING, ERROR and CRITICAL.
    """
    console = logging.StreamHandler()
    console.setLevel(level)
    log_file = Path(log_file)
    log_file.parent.mkdir(parents=True, exist_ok=True)
    file = RotatingFileHandler(log_file, maxBytes=max_bytes, backupCount=backups, encoding="utf-8")

    logger = logging.getLogger(name)
    logger.setLevel("DEBUG")
    logger.propagate = False  # else a logger "app.data" would also write through the handlers of "app"
    for handler in (console, file):
        handler.setFormatter(logging.Formatter(FORMAT))
        logger.addHandler(handler)
    return logger
