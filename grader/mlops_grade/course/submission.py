"""Where work comes from (a folder, files in memory), what is taken of it, and its digest.

Only regular files on a module's `submit` list are taken, opened without following links, below caps on size and count.
Everything else in a student's repository is never even copied.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from mlops_grade.course.discovery import Module
from mlops_grade.errors import UsageError

MAX_FILE_BYTES = 16 << 20
MAX_TOTAL_BYTES = 64 << 20
MAX_FILES = 500
MAX_ENTRIES_SEEN = 20_000
MAX_DEPTH = 12
SKIPPED_FOLDERS = frozenset({"__pycache__", ".git", ".venv", "node_modules", ".mlops-grade"})


@dataclass(frozen=True)
class Problem:
    """A file that should have been handed in and could not be taken, and why."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


@dataclass(frozen=True)
class Submission:
    """The files of one module that are graded, in memory, and what could not be taken."""

    files: Mapping[str, bytes]
    problems: tuple[Problem, ...] = ()
    source: str = ""
    notes: tuple[str, ...] = ()
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", digest_files(self.files, (str(problem) for problem in self.problems)))

    def overlaid(self, files: Mapping[str, bytes], removed: Iterable[str] = ()) -> Submission:
        """The same submission with some files replaced or added, and some taken away."""
        gone = set(removed)
        merged = {path: data for path, data in {**self.files, **files}.items() if path not in gone}
        return Submission(merged, self.problems, self.source, self.notes)


def digest_files(files: Mapping[str, bytes], extra: Iterable[str] = ()) -> str:
    """SHA-256 over paths, lengths and bytes, independent of order."""
    total = hashlib.sha256()
    for path in sorted(files):
        name = path.encode("utf-8", "surrogateescape")
        total.update(b"%d %d\n" % (len(name), len(files[path])) + name + files[path])
    for line in sorted(extra):
        total.update(b"! " + line.encode("utf-8", "surrogateescape") + b"\n")
    return total.hexdigest()


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


def from_folder(folder: Path, patterns: tuple[str, ...]) -> Submission:
    """Take files of one module from a folder that is the course's own; what is in it may be anyone's.

    A missing module folder is a submission without files: every file named is a problem, none an exception.
    """
    return take(patterns, lambda: _walk(folder), lambda path: _read(folder, path), str(folder))


def take(
    patterns: tuple[str, ...],
    walk: Callable[[], Iterable[str]],
    read: Callable[[str], tuple[bytes | None, str]],
    source: str,
) -> Submission:
    """Take what is on the allow-list from wherever it lies, below the caps on count and size.

    `walk` gives the relative paths of all that is there (asked only where a pattern needs it); `read` gives the bytes
    of one, or None and the reason.
    """
    files: dict[str, bytes] = {}
    problems: list[Problem] = []
    total = 0
    for path, reason in _candidates(patterns, walk):
        if ".." in path.split("/"):  # no file system gives such a name; an object of git that was made by hand does
            reason = "has a name that leads elsewhere"
        data, why = (None, reason) if reason else read(path)
        if data is None:
            problems.append(Problem(path, why))
        elif len(files) >= MAX_FILES or total + len(data) > MAX_TOTAL_BYTES:
            problems.append(Problem(path, f"over the limit of {MAX_FILES} files or {MAX_TOTAL_BYTES >> 20} MiB"))
            break
        else:
            files[path] = data
            total += len(data)
    return Submission(files, tuple(problems), source)


def _candidates(patterns: tuple[str, ...], walk: Callable[[], Iterable[str]]) -> Iterator[tuple[str, str]]:
    """The paths to try, each once, with the reason where it is known already that one cannot be taken."""
    literal = [pattern for pattern in patterns if not is_pattern(pattern)]
    yield from ((path, "") for path in literal)
    globs = [pattern for pattern in patterns if is_pattern(pattern)]
    if not globs:
        return
    wanted = dict.fromkeys(globs, False)
    for path in walk():
        for pattern in globs:
            if _compiled(pattern).fullmatch(path):
                wanted[pattern] = True
                if path not in literal:
                    yield path, ""
                break
    yield from ((pattern, "nothing that matches was handed in") for pattern, found in wanted.items() if not found)


def _walk(root: Path, inside: str = "") -> Iterator[str]:
    """Paths of everything below `root/inside` that is not a folder, relative to it, in a bounded walk.

    No link is followed below `root`.
    """
    if any((root / parent).is_symlink() for parent in _folders_of(inside)):
        return
    folder = root / inside
    seen = 0
    stack = [("", 0)]
    while stack:
        prefix, depth = stack.pop()
        try:
            entries = sorted(os.scandir(folder / prefix), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            seen += 1
            if seen > MAX_ENTRIES_SEEN:
                return
            path = f"{prefix}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in SKIPPED_FOLDERS and depth < MAX_DEPTH:
                    stack.append((path + "/", depth + 1))
            else:
                yield path


def _read(folder: Path, path: str, alone: bool = False) -> tuple[bytes | None, str]:
    """The bytes of a regular file, no link followed on the way below `folder`; or None and the reason.

    With `alone`, a file that has other names as well is refused: nobody can tell whose it is.
    """
    *parents, name = path.split("/")
    place = -1
    try:
        place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        for parent in parents:
            inner = os.open(parent, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=place)
            os.close(place)
            place = inner
        return _read_regular(name, place, alone)
    except OSError as error:
        return None, _why_not(error)
    finally:
        if place >= 0:
            os.close(place)


def _read_regular(name: str, place: int, alone: bool) -> tuple[bytes | None, str]:
    # O_NONBLOCK: a FIFO or a device must not hang the grader before it is seen to be one.
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY, dir_fd=place)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return None, "is not a regular file: hand in a plain file"
        if alone and status.st_nlink > 1:
            return None, "has several names (hard links): hand in a copy of it"
        if status.st_size > MAX_FILE_BYTES:
            return None, f"is larger than {MAX_FILE_BYTES >> 20} MiB"
        data = file.read(MAX_FILE_BYTES + 1)
    return (data, "") if len(data) <= MAX_FILE_BYTES else (None, f"is larger than {MAX_FILE_BYTES >> 20} MiB")


def _why_not(error: OSError) -> str:
    reasons = {
        errno.ENOENT: "was not handed in",
        errno.ENOTDIR: "was not handed in (a file or a symbolic link stands where its folder should be)",
        errno.ELOOP: "is a symbolic link: hand in the file itself",
        errno.EACCES: "cannot be read: its permissions forbid it",
        errno.EISDIR: "is a folder: a file is due here",
        errno.ENAMETOOLONG: "has a name that is too long",
        errno.ENXIO: "is not a regular file: hand in a plain file",
    }
    return reasons.get(error.errno or 0, f"cannot be read: {error.strerror}")


def from_checkout(root: Path, module: Module) -> Submission:
    """What one checkout (any folder with the course's session folders) hands in for one module."""
    if not root.is_dir():
        raise UsageError(f"--submission {root}: there is no such folder. Name the root of a student's checkout.")
    inside = module.folder
    # The folders of session and module are the student's as well: a link there would lead to someone else's work.
    taken = take(
        module.settings.submit,
        lambda: _walk(root, f"{inside}/"),
        lambda path: _read(root, f"{inside}/{path}", alone=True),
        str(root / inside),
    )
    return replace(taken, notes=(*taken.notes, *edited(root / module.folder, module)))


def edited(folder: Path, module: Module) -> tuple[str, ...]:
    """What a student changed of the course's own files in a module's folder: told, and without any effect."""
    if folder.resolve() == module.path:
        return ()
    own = ("module.toml", *provided_files(module))
    theirs = from_folder(folder, own).files
    return tuple(
        f"{path} was changed: the course's own copy counts"
        for path in own
        if path in theirs and theirs[path] != (module.path / path).read_bytes()
    )


def with_provided(submission: Submission, module: Module) -> dict[str, bytes]:
    """What a workspace is filled with: the files handed in, and over them the course's own copy of every given one.

    A file handed in where a given one needs a folder, or below a given one, gives way.
    """
    given = provided_files(module)
    folders = {folder for path in (*given, *submission.files) for folder in _folders_of(path)}
    kept = {
        path: data
        for path, data in submission.files.items()
        if path not in folders and not any(folder in given for folder in _folders_of(path))
    }
    return {**kept, **given}


def _folders_of(path: str) -> list[str]:
    return [path[:place] for place, letter in enumerate(path) if letter == "/"]


def provided_files(module: Module) -> dict[str, bytes]:
    """The given files of a module: always the course's own copy. Raises UsageError when one is missing."""
    if not module.settings.provide:
        return {}
    given = from_folder(module.path, module.settings.provide)
    if given.problems:
        raise UsageError(f"{module.path / 'module.toml'}: provide names {given.problems[0]}")
    return {path: data for path, data in given.files.items() if not path.startswith("hidden/")}
