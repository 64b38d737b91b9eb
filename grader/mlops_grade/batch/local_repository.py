"""A repository on this machine that nobody vouches for: git never runs in it, as its configuration could run programs.

Its references are read here; its objects, through a stand-in of ours that borrows them.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from mlops_grade.batch.git import is_id

SHA256 = "uses SHA-256 object names, which cannot be stored beside SHA-1 ones"
EMPTY = "is empty: it has no commit on its default branch"
SHALLOW = (
    "is a shallow clone, whose history is cut off: hand in a complete one (git fetch --unshallow, or clone it again "
    "without --depth)"
)
PARTIAL = (
    "is a partial clone, which left objects on its server: hand in a complete one (clone it again without --filter)"
)
REFTABLE = (
    "keeps its branches in the format reftable, which is not read here: run git refs migrate --ref-format=files in it, "
    "or name the full commit in the roster's ref"
)
NAMED = 3


class Unusable(Exception):
    """A repository that is not read, and why."""


def is_bare(path: Path) -> bool:
    """Whether a folder is a repository without a work tree."""
    return (path / "HEAD").is_file() and (path / "objects").is_dir()


def git_folder(path: Path) -> Path:
    """Where a repository has its objects and references. Raises Unusable where they are somewhere else."""
    place = path if not (path / ".git").exists() else path / ".git"
    if place.is_symlink() or not place.is_dir():
        raise Unusable("its .git is not a folder: name the repository itself, not a linked work tree")
    return place.resolve()


def tip(place: Path, ref: str) -> str:
    """The commit that a ref of a local repository names, read without git. Raises Unusable where there is none."""
    if is_id(ref):
        return ref
    if (place / "reftable").exists():
        raise Unusable(REFTABLE)
    packed = _packed_refs(place)
    names = [f"refs/heads/{ref}", f"refs/tags/{ref}", f"refs/remotes/origin/{ref}"] if ref else ["HEAD"]
    for name in names:
        target = name
        for _ in range(5):
            value = _small_file(place / target).strip() or packed.get(target, "")
            if not value.startswith("ref: "):
                break
            target = value.removeprefix("ref: ").strip()
            if not target.startswith("refs/") or ".." in target.split("/"):
                raise Unusable("is damaged: its HEAD points outside")
        if is_id(value):
            if len(value) > 40:
                raise Unusable(SHA256)
            return value
    raise Unusable(f"has no branch, tag or commit {ref!r}" if ref else without_default(_branches(place, packed)))


def without_default(branches: Iterable[str]) -> str:
    """What is wrong with a repository whose default branch has no commit; `branches` are those that have."""
    names = sorted(branches)
    if not names:
        return EMPTY
    shown = ", ".join(f"`{name}`" for name in names[:NAMED]) + (
        f" and {len(names) - NAMED} more" * (len(names) > NAMED)
    )
    return f"has no commit on its default branch; its commits are on {shown}: name it in the roster's ref"


def is_partial(place: Path) -> bool:
    """Whether a repository says of its objects that a server has more of them."""
    return any((place / "objects" / "pack").glob("*.promisor"))


def _branches(place: Path, packed: dict[str, str]) -> set[str]:
    """The names of branches, its own ones before those of the server that it was cloned from."""
    for folder in ("refs/heads/", "refs/remotes/origin/"):
        names = {name.removeprefix(folder) for name in packed if name.startswith(folder)}
        loose = (path.relative_to(place / folder).as_posix() for path in (place / folder).rglob("*") if path.is_file())
        names |= set(islice(loose, 1000))
        names.discard("HEAD")
        if names:
            return names
    return set()


def _packed_refs(place: Path) -> dict[str, str]:
    lines = (line.split() for line in _small_file(place / "packed-refs").splitlines() if line[:1] not in "#^")
    return {words[1]: words[0] for words in lines if len(words) == 2}


def _small_file(path: Path, limit: int = 16 << 20) -> str:
    """The text of a regular file that is no link; empty when there is none."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return ""
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return ""
        return file.read(limit).decode("utf-8", "replace")


def _plain_files_only(folder: Path) -> bool:
    """Whether there are only folders and regular files below: git follows links, and waits for a FIFO without end."""
    waiting = [folder]
    while waiting:
        for entry in os.scandir(waiting.pop()):
            if entry.is_dir(follow_symlinks=False):
                waiting.append(Path(entry))
            elif not entry.is_file(follow_symlinks=False):
                return False
    return True


def stand_in(scratch: Path, place: Path, tip: str) -> Path:
    """A repository with our configuration and one branch, that borrows the objects of another.

    What the other's folder says beyond its objects is not read: neither configuration nor hooks. Objects that it
    borrows in turn, or that are links, could be somebody else's: Unusable.
    """
    objects = place / "objects"
    if objects.is_symlink() or not objects.is_dir() or not _plain_files_only(objects):
        raise Unusable("its objects are links to elsewhere, or no files at all: hand in a complete clone")
    if _small_file(place / "shallow").strip():
        raise Unusable(SHALLOW)
    if (objects / "info" / "alternates").exists():
        raise Unusable("it borrows objects from another repository: hand in a complete clone (git repack -a -d)")
    (scratch / "objects" / "info").mkdir(parents=True)
    (scratch / "refs" / "heads").mkdir(parents=True)
    (scratch / "HEAD").write_text("ref: refs/heads/graded\n", encoding="ascii")
    (scratch / "refs" / "heads" / "graded").write_text(f"{tip}\n", encoding="ascii")
    # Caches that came with the objects (commit graph, bitmaps) are claims: everything is looked up and hashed anew.
    (scratch / "config").write_text(
        "[core]\n\trepositoryformatversion = 0\n\tbare = true\n\tcommitGraph = false\n\tmultiPackIndex = false\n"
        "\thooksPath = /dev/null\n[pack]\n\tuseBitmaps = false\n\tthreads = 1\n",
        encoding="ascii",
    )
    (scratch / "objects" / "info" / "alternates").write_bytes(_quoted(os.fsencode(objects)) + b"\n")
    return scratch


def _quoted(path: bytes) -> bytes:
    """A path as git reads it in quotes, whatever bytes it is made of."""
    return b'"' + re.sub(rb'[\x00-\x1f"\\\x7f-\xff]', lambda found: b"\\%03o" % found[0][0], path) + b'"'
