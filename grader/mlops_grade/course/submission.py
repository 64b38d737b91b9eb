"""Where work comes from (a folder, files in memory), what is taken of it, and its digest.

Only regular files on a module's `submit` list are taken, opened without following links, below caps on size and count.
Everything else in a student's repository is never even copied.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from mlops_grade.course.allowlist import MAX_ENTRIES_SEEN, Found, Listing, is_pattern, matches, search
from mlops_grade.course.discovery import Module
from mlops_grade.course.misspelt import meant
from mlops_grade.errors import UsageError

MAX_FILE_BYTES = 16 << 20
MAX_TOTAL_BYTES = 64 << 20
MAX_FILES = 500
NOT_HANDED_IN = "was not handed in"
_NEVER_MEANT = ("README.md", "module.toml")


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


def from_folder(folder: Path, patterns: tuple[str, ...]) -> Submission:
    """Take files of one module from a folder that is the course's own; what is in it may be anyone's.

    A missing module folder is a submission without files: every file named is a problem, none an exception.
    """
    return take(patterns, lambda inner: _list(folder, "", inner), lambda path: _read(folder, path), str(folder))


def take(
    patterns: tuple[str, ...],
    listing: Listing,
    read: Callable[[str], tuple[bytes | None, str]],
    source: str,
    given: tuple[str, ...] = (),
) -> Submission:
    """Take what is on the allow-list from wherever it lies, below the caps on count and size.

    `listing` names what is in a folder (asked only where a pattern needs it, or something is missing); `read` gives the
    bytes of one file, or None and the reason. Of what is missing, the file that may be meant instead is named: none
    that is `given`, or taken itself.
    """
    literal = [pattern for pattern in patterns if not is_pattern(pattern)]
    globs = [pattern for pattern in patterns if is_pattern(pattern)]
    found = search(globs, listing) if globs else Found(())
    files: dict[str, bytes] = {}
    problems: list[Problem] = []
    total = 0
    for path in dict.fromkeys((*literal, *found.paths)):
        # no file system gives a name with `..`; an object of git that was made by hand does
        astray = "has a name that leads elsewhere" if ".." in path.split("/") else ""
        data, why = (None, astray) if astray else read(path)
        if data is None:
            why = _missing(path, listing, (*patterns, *given)) if why == NOT_HANDED_IN else why
            problems.append(Problem(path, why))
        elif len(files) >= MAX_FILES or total + len(data) > MAX_TOTAL_BYTES:
            problems.append(Problem(path, f"over the limit of {MAX_FILES} files or {MAX_TOTAL_BYTES >> 20} MiB"))
            break
        else:
            files[path] = data
            total += len(data)
    else:
        problems += _patterns_that_found_nothing(globs, found)
    notes = (f"only the first {MAX_ENTRIES_SEEN:,} files and folders were looked at",) if found.gave_up else ()
    return Submission(files, tuple(problems), source, notes)


def _missing(path: str, listing: Listing, known: tuple[str, ...]) -> str:
    other = meant(path, listing, known)
    return f"{NOT_HANDED_IN}; there is `{other}`: did you mean that?" if other else NOT_HANDED_IN


def _patterns_that_found_nothing(patterns: list[str], found: Found) -> Iterator[Problem]:
    seen = f" among the first {MAX_ENTRIES_SEEN:,} files and folders" if found.gave_up else ""
    for pattern in patterns:
        if not any(matches(path, [pattern]) for path in found.paths):
            yield Problem(pattern, f"nothing that matches was handed in{seen}")


def _list(root: Path, inside: str, folder: str) -> Iterator[tuple[str, bool]]:
    """The names in `root/inside/folder` and whether each is a folder. No link is followed below `root`."""
    if any((root / parent).is_symlink() for parent in _folders_of(f"{inside}{folder}/")):
        return
    try:
        entries = sorted(os.scandir(root / f"{inside}{folder}"), key=lambda entry: entry.name)
    except OSError:
        return
    yield from ((entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries)


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
        errno.ENOENT: NOT_HANDED_IN,
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
        lambda inner: _list(root, f"{inside}/", inner),
        lambda path: _read(root, f"{inside}/{path}", alone=True),
        str(root / inside),
        never_meant(module),
    )
    return replace(taken, notes=(*taken.notes, *edited(root / module.folder, module)))


def from_module_files(root: Path, module: Module) -> Submission:
    """What a folder hands in that holds one module's files, or its folder, and nothing of the course around them."""
    inside = f"{module.path.name}/" if (root / module.path.name).is_dir() else ""
    return take(
        module.settings.submit,
        lambda inner: _list(root, inside, inner),
        lambda path: _read(root, f"{inside}{path}", alone=True),
        str(root / inside),
        never_meant(module),
    )


def never_meant(module: Module) -> tuple[str, ...]:
    """The files of a module's folder that nobody handed in under a wrong name: they are the course's own."""
    return (*_NEVER_MEANT, *module.settings.provide)


def edited(folder: Path, module: Module) -> tuple[str, ...]:
    """What a student changed of the course's own files in a module's folder: told, and without any effect."""
    if folder.resolve() == module.path:
        return ()
    own = ("module.toml", *provided_files(module))
    theirs = from_folder(folder, own).files
    return tuple(
        f"{path} was changed: the course's own copy counts"
        for path in own
        if path in theirs and unix(theirs[path]) != unix((module.path / path).read_bytes())
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


def unix(data: bytes) -> bytes:
    """A text with the line ends that the course's own files have; what is no text as it is."""
    return data if b"\0" in data else data.replace(b"\r\n", b"\n")


def is_same_text(one: Submission, other: Submission) -> bool:
    """Whether two submissions are the same but for their line ends: git on Windows writes others."""
    if one.digest == other.digest or one.files.keys() != other.files.keys():
        return one.digest == other.digest
    return _digest_of_text(one) == _digest_of_text(other)


def _digest_of_text(submission: Submission) -> str:
    files = {path: unix(data) for path, data in submission.files.items()}
    return digest_files(files, map(str, submission.problems))


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
