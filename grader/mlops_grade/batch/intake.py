"""From a commit in the collected repository to the files of one module: read by object id, never checked out."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from mlops_grade.batch.git import Commit, Entry, Objects
from mlops_grade.course.discovery import Module
from mlops_grade.course.submission import MAX_FILE_BYTES, NOT_HANDED_IN, Submission, never_meant, take

MAX_COMMITS = 2000
LFS_POINTER = b"version https://git-lfs.github.com/spec/"


def read_commit(objects: Objects, commit_id: str) -> Commit | None:
    """A commit by its full id; None when it is missing."""
    return next(iter(objects.commits(commit_id, 1)), None)


def history(objects: Objects, tip: str) -> Iterator[Commit]:
    """The states a branch went through, newest first: first parents only, at most 2,000."""
    return iter(objects.commits(tip, MAX_COMMITS))


def last_before(objects: Objects, tip: str, moment: int) -> Commit | None:
    """The newest state of the branch whose committer date is not after `moment`."""
    return next((commit for commit in history(objects, tip) if commit.committed <= moment), None)


def folder_tree(objects: Objects, root: str, folder: str) -> str:
    """The id of a folder's tree below the tree `root`; empty when there is no such folder (a link is none)."""
    tree = root
    for part in folder.split("/"):
        entry = (objects.trees(tree) or {}).get(part)
        if entry is None or not entry.is_tree:
            return ""
        tree = entry.id
    return tree


def nested_repositories(objects: Objects, root: str, folder: str) -> tuple[str, ...]:
    """What is said of repositories inside the repository, on the way to a folder or in it."""
    tree, place = root, ""
    for part in folder.split("/"):
        entry = (objects.trees(tree) or {}).get(part)
        place = f"{place}/{part}".lstrip("/")
        if entry is None or not entry.is_tree:
            return (_nested(place),) if entry is not None and entry.is_submodule else ()
        tree = entry.id
    return tuple(_nested(f"{folder}/{one.name}") for one in (objects.trees(tree) or {}).values() if one.is_submodule)


def _nested(place: str) -> str:
    return f"{place} is a repository of its own, whose files are not in this one: remove its .git and add it again"


def changed_at(objects: Objects, commit: Commit, folders: Iterable[str]) -> dict[str, int]:
    """The committer date of the commit that last changed each folder, going back from `commit`."""
    now = {folder: folder_tree(objects, commit.tree, folder) for folder in folders}
    found: dict[str, int] = {}
    newer = commit
    for older in history(objects, commit.id):
        for folder in now.keys() - found.keys():
            if folder_tree(objects, older.tree, folder) != now[folder]:
                found[folder] = newer.committed
        if len(found) == len(now):
            return found
        newer = older
    return {folder: found.get(folder, newer.committed) for folder in now}


def from_tree(objects: Objects, tree: str, module: Module, source: str = "") -> Submission:
    """What the tree of a module's folder hands in. The same files give the same digest as they do from a checkout."""
    patterns = module.settings.submit
    return take(
        patterns,
        lambda folder: _list(objects, tree, folder),
        lambda path: _read(objects, tree, path),
        source,
        never_meant(module),
    )


def remarks(submission: Submission) -> tuple[str, ...]:
    """What the instructor should know of the files, beside the verdict."""
    notes = list(submission.notes)
    notes += [
        f"{path} is a Git LFS pointer: its content is not in the repository"
        for path, data in submission.files.items()
        if data.startswith(LFS_POINTER)
    ]
    folded: dict[str, str] = {}
    for path in sorted(submission.files):
        other = folded.setdefault(unicodedata.normalize("NFC", path).casefold(), path)
        if other != path:
            same_case = unicodedata.normalize("NFC", other) == unicodedata.normalize("NFC", path)
            notes.append(
                f"{other} and {path} {'look the same' if same_case else 'differ only in upper and lower case'}"
            )
    return tuple(notes)


def _list(objects: Objects, tree: str, folder: str) -> Iterator[tuple[str, bool]]:
    """The names in a folder below the tree, and whether each is a folder itself."""
    place = folder_tree(objects, tree, folder) if folder else tree
    yield from ((entry.name, entry.is_tree) for entry in (objects.trees(place) or {}).values() if place)


def _read(objects: Objects, tree: str, path: str) -> tuple[bytes | None, str]:
    """The bytes of a regular file, or None and the reason, in the words that a checkout gives."""
    *parents, name = path.split("/")
    for parent in parents:
        entry = (objects.trees(tree) or {}).get(parent) if tree else None
        if entry is None:
            return None, NOT_HANDED_IN
        if not entry.is_tree:
            return None, "was not handed in (a file or a symbolic link stands where its folder should be)"
        tree = entry.id
    entry = (objects.trees(tree) or {}).get(name) if tree else None
    return _read_entry(objects, entry)


def _read_entry(objects: Objects, entry: Entry | None) -> tuple[bytes | None, str]:
    if entry is None:
        return None, NOT_HANDED_IN
    if entry.is_tree:
        return None, "is a folder: a file is due here"
    if entry.is_link:
        return None, "is a symbolic link: hand in the file itself"
    if entry.is_submodule:
        return None, "is a submodule: hand in the file itself"
    known = objects.info(entry.id)
    if known is None or known[1] != "blob":
        return None, "cannot be read: its content is missing from the repository"
    if known[2] > MAX_FILE_BYTES:
        return None, f"is larger than {MAX_FILE_BYTES >> 20} MiB"
    return objects.read(entry.id, MAX_FILE_BYTES), ""
