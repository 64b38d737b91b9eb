import logging
import logging.config
from pathlib import Path


def make_logger(name, log_file, level="INFO", max_bytes=1_000_000, backups=3):
    if level not in {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}:
        raise ValueError(f"no such level: {level}")
    Path(log_file).absolute().parent.mkdir(parents=True, exist_ok=True)
    rotating = {"class": "logging.handlers.RotatingFileHandler", "filename": log_file, "maxBytes": max_bytes}
    console = {"class": "logging.StreamHandler", "formatter": "short", "level": level}
    for old in logging.getLogger(name).handlers:
        old.close()
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "long": {"format": "{asctime} {name} {levelname}: {message}", "style": "{"},
                "short": {"format": "{levelname}: {message}", "style": "{"},
            },
            "handlers": {
                f"{name} console": console,
                f"{name} file": rotating | {"backupCount": backups, "encoding": "utf-8", "formatter": "long"},
            },
            "loggers": {
                name: {"handlers": [f"{name} console", f"{name} file"], "level": "DEBUG", "propagate": False},
            },
        }
    )
    return logging.getLogger(name)
