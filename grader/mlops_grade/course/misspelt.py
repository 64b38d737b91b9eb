"""What a student may have meant: the file that stands where another one is due."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from mlops_grade.course.allowlist import Listing, matches, search

LOOKED_AT = 500
_HIDDEN = "hidden/"


def meant(path: str, listing: Listing, taken: Iterable[str]) -> str:
    """The file that was probably handed in as `path`; empty where nothing is like it.

    `taken` are the paths and patterns that are files of their own right: handed in themselves, or given.
    """
    own = tuple(taken)
    there = [
        other
        for other in search(["**"], listing, LOOKED_AT).paths
        if not matches(other, own) and not other.startswith(_HIDDEN)
    ]
    ranked = [(rank, other) for other in there if (rank := _rank(path, other)) is not None]
    return min(ranked, key=lambda one: one[0])[1] if ranked else ""


def _rank(wanted: str, other: str) -> int | None:
    """How likely one is meant to be the other: 0 is most. None for not at all."""
    if wanted.casefold() == other.casefold():
        return 0
    folder, _, name = wanted.rpartition("/")
    place, _, found = other.rpartition("/")
    if _plain(name) == _plain(found):
        return 1 if place == folder else 3
    if place != folder:
        return None
    if _stem(name) == _stem(found):
        return 2
    same_kind = _plain(name).rpartition(".")[2] == _plain(found).rpartition(".")[2]
    alike = difflib.SequenceMatcher(None, _stem(name), _stem(found)).ratio()
    return 4 if same_kind and alike > 0.8 else None


def _plain(name: str) -> str:
    """A name without what browsers, editors and spellings make of it: `Model (1).py.txt` is `model.py`."""
    plain = re.sub(r"[\s_-]+|\((?:\d+|copy)\)", "", name.casefold())
    plain = re.sub(r"(\.\w+)\1+$", r"\1", plain)
    plain = re.sub(r"(?<=\w)(\.\w+|file)\.txt$", r"\1", plain)
    return re.sub(r"\.yml$", ".yaml", plain)


def _stem(name: str) -> str:
    return _plain(name).rpartition(".")[0] or _plain(name)
