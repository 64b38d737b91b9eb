"""A module's `submit` list: which paths it names, where to look for them, and what is never work."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

MAX_ENTRIES_SEEN = 20_000
MAX_DEPTH = 12
SKIPPED_FOLDERS = frozenset(
    {
        "__pycache__", ".git", ".venv", "node_modules", ".mlops-grade", ".ipynb_checkpoints", "__MACOSX",
        ".mypy_cache", ".pytest_cache", ".ruff_cache", ".cache", ".tox", ".nox", ".eggs",
    }
)  # fmt: skip
"""Folders that tools make: nobody's work, and often large."""
_A_VENV = "pyvenv.cfg"
_DATA = "data"  # large, and nobody's work unless a pattern names it
_LEFT_BEHIND = re.compile(
    r"\._.*|\.DS_Store|Icon\r|(?i:thumbs\.db|desktop\.ini)|~\$.*|\.#.*|#.*#|.*~|\..*\.sw[a-p]|.*\.sync-conflict-.*"
    r"|.*\bconflicted copy\b.*",
    re.DOTALL,
)

Listing = Callable[[str], Iterable[tuple[str, bool]]]
"""The names in a folder, given by its relative path ("" for the first), and whether each is a folder itself."""


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    """A `submit` pattern as a regular expression: `*` and `?` stay in one folder, `**` crosses folders."""
    parts = []
    for piece in re.split(r"(\*\*/|\*\*|\*|\?)", pattern):
        parts.append({"**/": r"(?:[^/]+/)*", "**": r".*", "*": r"[^/]*", "?": r"[^/]"}.get(piece, re.escape(piece)))
    return re.compile("".join(parts), re.DOTALL)


def is_pattern(entry: str) -> bool:
    return "*" in entry or "?" in entry


def matches(path: str, patterns: Iterable[str]) -> bool:
    """Whether a relative path is on an allow-list."""
    return any(_compiled(pattern).fullmatch(path) for pattern in patterns)


def is_left_behind(name: str) -> bool:
    """Whether a system, an editor or a synchroniser left a file of that name: it is nobody's work."""
    return _LEFT_BEHIND.fullmatch(name) is not None


@dataclass(frozen=True)
class Found:
    """The files that a search came upon, in order; and whether it gave up before it had seen all there is."""

    paths: tuple[str, ...]
    gave_up: bool = False


def search(patterns: Iterable[str], listing: Listing, limit: int = MAX_ENTRIES_SEEN) -> Found:
    """The files that match, nearest to the top first. Only folders that a pattern can reach into are looked at."""
    wanted = tuple(patterns)
    found: list[str] = []
    seen = 0
    level = [""]
    for _ in range(MAX_DEPTH + 1):
        below = []
        for folder in level:
            entries = list(listing(folder))
            if folder and any(name == _A_VENV for name, _ in entries):
                continue
            for name, is_folder in entries:
                seen += 1
                if seen > limit:
                    return Found(tuple(found), gave_up=True)
                path = f"{folder}/{name}" if folder else name
                if is_folder:
                    if name not in SKIPPED_FOLDERS and any(_reaches(pattern, path) for pattern in wanted):
                        below.append(path)
                elif not is_left_behind(name) and matches(path, wanted):
                    found.append(path)
        level = below
    return Found(tuple(found))


def _reaches(pattern: str, folder: str) -> bool:
    """Whether a file below the folder can match the pattern."""
    parts = pattern.split("/")
    if parts[0] == "**" and folder == _DATA:
        return False
    for place, name in enumerate(folder.split("/")):
        if place < len(parts) and "**" in parts[place]:
            return True
        if place >= len(parts) - 1 or not _compiled(parts[place]).fullmatch(name):
            return False
    return True
