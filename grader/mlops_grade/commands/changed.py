"""Which modules changed since a commit: what CI grades after a push."""

from __future__ import annotations

import subprocess
from pathlib import Path

from mlops_grade.course.allowlist import matches
from mlops_grade.course.discovery import Module


def changed_since(root: Path, commit: str, modules: tuple[Module, ...]) -> tuple[Module, ...]:
    """The modules of which a handed-in file differs from that commit; all of them where that cannot be known.

    For one's own checkout only: git runs in it, and does what its configuration says.
    """
    command = ["git", "-C", str(root), "diff", "--name-only", "--no-renames", "-z", commit, "--"]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except OSError:
        return modules
    if done.returncode != 0 or commit.startswith("-"):
        return modules
    paths = done.stdout.decode("utf-8", "surrogateescape").split("\0")
    return tuple(module for module in modules if any(_handed_in(module, path) for path in paths))


def _handed_in(module: Module, path: str) -> bool:
    prefix = f"{module.folder}/"
    return path.startswith(prefix) and matches(path.removeprefix(prefix), module.settings.submit)
