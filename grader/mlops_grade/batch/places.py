"""Where in a folder the work lies: a clone, an unpacked archive, the course one level down, or a module's own files."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mlops_grade.course.allowlist import SKIPPED_FOLDERS, is_left_behind
from mlops_grade.course.discovery import Module
from mlops_grade.course.submission import Submission, from_checkout, from_module_files

LEVELS = 2  # an archive of GitHub's holds one folder, and some programs unpack it into one more
NAMED = 3
ARCHIVES = re.compile(r"(.+)\.(?:zip|tar|tgz|tar\.\w+|7z|rar)", re.IGNORECASE)


@dataclass(frozen=True)
class Place:
    """The folder that holds the work, or the reason why there is none. `loose`: files, and no folder of the course."""

    folder: Path
    reason: str = ""
    loose: bool = False


def is_repository(path: Path) -> bool:
    return (path / ".git").exists() or ((path / "HEAD").is_file() and (path / "objects").is_dir())


def place_of(path: Path) -> Place:
    """Where the work is in a folder: itself, or the one folder inside that is a repository or holds sessions."""
    level = [path]
    for _ in range(LEVELS + 1):
        found = [folder for folder in level if is_repository(folder) or _holds_sessions(folder)]
        if len(found) == 1:
            return Place(found[0])
        if found:
            return Place(path, f"holds the course more than once: {_named(one.name for one in found)}")
        level = [inner for folder in level for inner in _folders(folder)]
    names = sorted(entry.name for entry in path.iterdir() if not is_left_behind(entry.name))
    if not names:
        return Place(path, "is an empty folder: nothing was handed in")
    return Place(path, loose=True)


def from_plain_folder(path: Path, module: Module) -> Submission:
    """What a folder that is no repository hands in for a module, wherever in it the course lies."""
    place = place_of(path)
    return from_module_files(place.folder, module) if place.loose else from_checkout(place.folder, module)


def why_not_loose(path: Path, modules: tuple[Module, ...]) -> str:
    """Why files without the course around them are not graded; empty where the one module asked for has some."""
    if len(modules) == 1 and from_module_files(path, modules[0]).files:
        return ""
    names = _named(sorted(entry.name for entry in path.iterdir()))
    if len(modules) == 1:
        return f"holds neither a repository, nor the course's folders, nor a file of {modules[0].id}: there is {names}"
    return (
        f"holds neither a repository nor the course's folders: there is {names}. If those are one module's files, name "
        "the module: `mlops-grade batch COHORT m04`"
    )


def _holds_sessions(folder: Path) -> bool:
    """Sessions with modules in them: a folder that is called by a student's number is none."""
    return any(path.is_dir() for path in folder.glob("s[0-9]*_*/m[0-9]*_*"))


def _folders(folder: Path) -> list[Path]:
    """The folders in a folder that could be somebody's work; no link is followed."""
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        return []
    return [
        entry
        for entry in entries
        if entry.is_dir() and not entry.is_symlink() and not entry.name.startswith(".")
        and entry.name not in SKIPPED_FOLDERS
    ]  # fmt: skip


def _named(names: Iterable[str]) -> str:
    shown = list(names)
    more = f" and {len(shown) - NAMED} more" if len(shown) > NAMED else ""
    return ", ".join(shown[:NAMED]) + more
