import sys
from pathlib import Path

from loguru import logger

_sinks: dict[str, list[int]] = {}
FORMAT = "{time:YYYY-MM-DD HH:mm:ss} {level: <8} [{extra[name]}] {message}"
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def make_logger(name, log_file, level="INFO", max_bytes=1_000_000, backups=3):
    if level not in LEVELS:
        raise ValueError(f"{level} is not one of {LEVELS}")
    if not _sinks:
        logger.remove()  # loguru's own sink to stderr
    for sink in _sinks.pop(name, []):
        logger.remove(sink)

    def mine(record):
        return record["extra"].get("name") == name

    log_file = Path(log_file)
    log_file.parent.mkdir(parents=True, exist_ok=True)
    _sinks[name] = [
        logger.add(sys.stderr, level=level, format=FORMAT, filter=mine),
        logger.add(
            log_file, level="DEBUG", format=FORMAT, filter=mine, encoding="utf-8", rotation=max_bytes, retention=backups
        ),
    ]
    return logger.bind(name=name)
