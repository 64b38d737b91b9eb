"""The digest of the environment that a verdict was reached in."""

from __future__ import annotations

import hashlib
import platform
import sys
from functools import lru_cache
from importlib import metadata, util
from pathlib import Path

from packaging.requirements import Requirement

import mlops_grade

DISTRIBUTION = "mlops-course"
# What only carries or shows verdicts: a change there is no reason to grade again.
_SHOWING = ("batch", "commands", "reports", "prove", "release", "cli.py")


@lru_cache(maxsize=1)
def environment_digest() -> str:
    """SHA-256 over Python, the machine's kind, the versions of the course's libraries, and the code that judges.

    The code is part of it so that a grader that was edited in place never passes old verdicts off as its own.
    """
    lines = [platform.python_implementation(), sys.version.split()[0], sys.platform, platform.machine()]
    lines += [f"{name}=={version}" for name, version in sorted(library_versions().items())]
    total = hashlib.sha256("\n".join(lines).encode())
    for root in _sources():
        for path in sorted(root.rglob("*.py")):
            relative = path.relative_to(root)
            if relative.parts[0] not in _SHOWING:
                total.update(f"\n{relative.as_posix()}\n".encode() + path.read_bytes())
    return total.hexdigest()


def library_versions() -> dict[str, str]:
    """The installed versions of what the course's distribution asks for."""
    try:
        wanted = {Requirement(line).name for line in metadata.requires(DISTRIBUTION) or ()}
    except metadata.PackageNotFoundError:
        wanted = {"torch", "numpy", "pytest"}
    found = {}
    for name in wanted:
        try:
            found[name.lower()] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _sources() -> list[Path]:
    grader = Path(mlops_grade.__file__).parent
    course = util.find_spec("mlops_course")
    return [grader, Path(course.origin).parent] if course and course.origin else [grader]
