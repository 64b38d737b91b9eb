"""Loguru in front; behind it a small file of our own, which counts bytes and not characters."""

from __future__ import annotations

import sys
from pathlib import Path

from loguru import logger as _loguru

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
FORMAT = "{time:YYYY-MM-DD HH:mm:ss} {level: <8} [{extra[logger_name]}] {message}\n{exception}"
_sinks: dict[str, list[int]] = {}


class RotatingFile:
    """A sink that keeps `path` at max_bytes or less; path.1 is the youngest of the older ones."""

    def __init__(self, path, max_bytes, backups):
        self.path = Path(path).absolute()
        self.max_bytes, self.backups = max_bytes, backups
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.touch()

    def older(self, number):
        return self.path.with_name(f"{self.path.name}.{number}")

    def rotate(self):
        if self.backups < 1:
            self.path.unlink()
            return
        for number in range(self.backups - 1, 0, -1):
            if self.older(number).exists():
                self.older(number).replace(self.older(number + 1))
        self.path.replace(self.older(1))

    def write(self, message):
        line = message.encode("utf-8", "backslashreplace")
        size = self.path.stat().st_size if self.path.exists() else 0
        if size and size + len(line) > self.max_bytes:
            self.rotate()
        with self.path.open("ab") as file:
            file.write(line)


def make_logger(name, log_file, level="INFO", max_bytes=1_000_000, backups=3):
    if level not in LEVELS:
        raise ValueError(f"no level {level!r}; there are {', '.join(LEVELS)}")
    try:
        _loguru.remove(0)  # loguru's own console
    except ValueError:
        pass
    for sink in _sinks.pop(name, []):
        _loguru.remove(sink)

    def mine(record):
        return record["extra"].get("logger_name") == name

    common = {"format": lambda _: FORMAT, "filter": mine, "diagnose": False}
    _sinks[name] = [
        _loguru.add(lambda text: print(text, end="", file=sys.stderr), level=level, **common),
        _loguru.add(RotatingFile(log_file, max_bytes, backups), level="DEBUG", **common),
    ]
    return _loguru.bind(logger_name=name)
