import datetime
import logging
import os
import sys
import threading
from logging import handlers

_KNOWN = {}
_LOCK = threading.RLock()


class _Console(logging.Handler):
    """Writes to whatever sys.stderr is at the moment."""

    def emit(self, record):
        try:
            print(self.format(record), file=sys.stderr, flush=True)
        except Exception:
            self.handleError(record)


class _File(handlers.BaseRotatingHandler):
    def __init__(self, path, max_bytes, backups):
        directory = os.path.dirname(os.path.abspath(path))
        os.makedirs(directory, exist_ok=True)
        super().__init__(os.fspath(path), "a", encoding="utf-8", errors="backslashreplace")
        self.max_bytes, self.backups, self.count = max_bytes, backups, 0

    def shouldRollover(self, record):  # noqa: N802
        self.stream.seek(0, os.SEEK_END)
        already = self.stream.tell()
        return already > 0 and already + len((self.format(record) + "\n").encode(errors="backslashreplace")) > self.max_bytes

    def doRollover(self):  # noqa: N802
        self.stream.close()
        folder, base = os.path.split(self.baseFilename)
        self.count += 1
        stamp = datetime.datetime.now().strftime("%Y%m%dT%H%M%S.%f")
        os.rename(self.baseFilename, os.path.join(folder, f"{base}.{stamp}-{os.getpid():07}-{self.count:09}"))
        older = sorted(n for n in os.listdir(folder) if n.startswith(base + ".") and n[len(base) + 1 :][:8].isdigit() and "T" in n[len(base) + 1 :])
        for name in older[: max(0, len(older) - self.backups)]:
            os.remove(os.path.join(folder, name))
        self.stream = self._open()


def make_logger(name, log_file, level="INFO", max_bytes=1_000_000, backups=3):
    """A logging.Logger that is in no hierarchy: it has no parent, so nothing gets mixed."""
    allowed = {"DEBUG": 10, "INFO": 20, "WARNING": 30, "ERROR": 40, "CRITICAL": 50}
    try:
        threshold = allowed[level]
    except (KeyError, TypeError):
        raise ValueError(f"unknown level: {level}") from None
    with _LOCK:
        logger = _KNOWN.setdefault(name, logging.Logger(name, logging.DEBUG))
        while logger.handlers:
            old = logger.handlers[0]
            logger.removeHandler(old)
            old.close()
        console, file = _Console(threshold), _File(log_file, max_bytes, backups)
        console.setFormatter(logging.Formatter("{levelname:>8} {name} | {message}", style="{"))
        file.setFormatter(logging.Formatter("{name};{levelname};{asctime};{message}", "%Y-%m-%d %H:%M:%S", style="{"))
        logger.addHandler(file)
        logger.addHandler(console)
    return logger
