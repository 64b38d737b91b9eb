"""The last verdict on each module of a checkout, kept with whoever graded it: what is graded has no say in it.

They lie in the user's own folder for such state, by the checkout's path. Nothing in a checkout is read for them.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from pathlib import Path

from pydantic import ValidationError

from mlops_grade.course.discovery import Module
from mlops_grade.machine import MACOS
from mlops_grade.verdict import ModuleVerdict, Report

MAX_BYTES = 8 << 20


def state_folder() -> Path:
    """Where the user's programs keep their state. Raises RuntimeError where the user has no home."""
    if MACOS:
        return Path.home() / "Library" / "Application Support"
    named = os.environ.get("XDG_STATE_HOME", "")
    # A relative path is to be ignored, says the XDG specification: it would lead into the current folder.
    return Path(named) if Path(named).is_absolute() else Path.home() / ".local" / "state"


def _place(root: Path) -> Path:
    checkout = hashlib.sha256(os.fsencode(root.expanduser().resolve())).hexdigest()
    return state_folder() / "mlops-grade" / "last" / checkout


def remember(root: Path, report: Report) -> None:
    """Keep each verdict as the checkout's last on its module; a user whose folder cannot be written has none."""
    with contextlib.suppress(OSError, RuntimeError):
        place = _place(root)
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        for verdict in report.verdicts:
            file = place / f"{verdict.module}.json"
            draft = file.with_suffix(f".{os.getpid()}")
            draft.write_text(verdict.model_dump_json(), encoding="utf-8")
            draft.replace(file)


def last_verdict(root: Path, module: Module) -> ModuleVerdict | None:
    """The last verdict on a module in this checkout; None where there is none that can be read."""
    with contextlib.suppress(OSError, RuntimeError, ValidationError):
        return ModuleVerdict.model_validate_json(_bounded(_place(root) / f"{module.id}.json"))
    return None


def _bounded(file: Path) -> bytes:
    """The bytes of a regular file that is no link. Raises OSError for anything else, and for what is too large."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    with os.fdopen(os.open(file, flags), "rb") as opened:
        status = os.fstat(opened.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_BYTES:
            raise OSError(f"{file} is no verdict of ours")
        return opened.read(MAX_BYTES)
