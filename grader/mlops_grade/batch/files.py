"""Files that are whole or not there: what is written takes its place only when all of it is on the disk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from mlops_grade.errors import GraderError


@contextmanager
def replacing(file: Path, newline: str | None = None) -> Iterator[TextIO]:
    """Open a text file for writing; the old one stays until the block ends well. Raises GraderError on a full disk."""
    scratch = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with scratch.open("w", encoding="utf-8", errors="backslashreplace", newline=newline) as out:
            yield out
        scratch.replace(file)
    except OSError as error:
        raise GraderError(f"{file} cannot be written: {error.strerror}. What was there before is unchanged.") from error
    finally:
        scratch.unlink(missing_ok=True)
