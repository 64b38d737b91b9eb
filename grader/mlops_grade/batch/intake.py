"""From a commit in the collected repository to the files of one module: read by object id, never checked out."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from mlops_grade.batch.git import Commit, Entry, Objects
from mlops_grade.course.discovery import Module
from mlops_grade.course.submission import MAX_DEPTH, MAX_ENTRIES_SEEN, MAX_FILE_BYTES, SKIPPED_FOLDERS, Submission, take

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
    return take(patterns, lambda: _walk(objects, tree), lambda path: _read(objects, tree, path), source)


def remarks(submission: Submission) -> tuple[str, ...]:
    """What the instructor should know of the files, beside the verdict."""
    notes = [
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


def _walk(objects: Objects, tree: str) -> Iterator[str]:
    """Paths of everything that is not a folder, in a bounded walk."""
    seen = 0
    stack = [("", tree, 0)]
    while stack:
        prefix, place, depth = stack.pop()
        for entry in (objects.trees(place) or {}).values() if place else ():
            seen += 1
            if seen > MAX_ENTRIES_SEEN:
                return
            path = prefix + entry.name
            if not entry.is_tree:
                yield path
            elif entry.name not in SKIPPED_FOLDERS and depth < MAX_DEPTH:
                stack.append((path + "/", entry.id, depth + 1))


def _read(objects: Objects, tree: str, path: str) -> tuple[bytes | None, str]:
    """The bytes of a regular file, or None and the reason, in the words that a checkout gives."""
    *parents, name = path.split("/")
    for parent in parents:
        entry = (objects.trees(tree) or {}).get(parent) if tree else None
        if entry is None:
            return None, "was not handed in"
        if not entry.is_tree:
            return None, "was not handed in (a file or a symbolic link stands where its folder should be)"
        tree = entry.id
    entry = (objects.trees(tree) or {}).get(name) if tree else None
    return _read_entry(objects, entry)


def _read_entry(objects: Objects, entry: Entry | None) -> tuple[bytes | None, str]:
    if entry is None:
        return None, "was not handed in"
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
