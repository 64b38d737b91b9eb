"""A student as the roster has them."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Student:
    """One row of the roster. `repository` is a URL or a path; an empty `ref` is the default branch.

    `lms_id` is the school's own id (Canvas calls it SIS, Moodle the ID number), `canvas_id` the one that Canvas gives.
    `trouble` is why the work cannot be collected, where that is known already.
    """

    id: str
    repository: str
    ref: str = ""
    lms_id: str = ""
    email: str = ""
    name: str = ""
    canvas_id: str = ""
    trouble: str = ""

    @property
    def slug(self) -> str:
        """The id as it can stand in a file's name or a git ref."""
        return slug(self.id)


def slug(text: str) -> str:
    """A name for files and refs, different for different texts."""
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", text).strip("-")[:60]
    if plain == text and text.islower():
        return plain
    return f"{plain or 'student'}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
