"""Git for repositories that nobody vouches for: our own configuration, bounded, never asking, nothing checked out.

What a commit says is git's to read: a header that git ignores must not be a parent to us. Objects are named by their
full ids alone, since any other word (`:/words`, a branch, a short id) may come to mean something else.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from mlops_grade.errors import GraderError

# What careless tools write into honest commits.
_CARELESS = (
    "badTimezone", "missingEmail", "missingNameBeforeEmail", "missingSpaceBeforeDate", "missingSpaceBeforeEmail",
    "zeroPaddedDate", "zeroPaddedFilemode",
)  # fmt: skip
# Set on every command line, which wins over any file: no hook, no watcher, no submodule, no housekeeping beside us.
_SETTINGS = {
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "core.askPass": "",
    "core.bigFileThreshold": "1m",
    "core.commitGraph": "false",  # what git knows of a commit is read from the commit
    "credential.interactive": "false",
    "fetch.fsckObjects": "true",  # trees with two files of one name, names with slashes: refused by git itself
    **{f"fetch.fsck.{fault}": "ignore" for fault in _CARELESS},
    "fetch.recurseSubmodules": "false",
    "fetch.writeCommitGraph": "false",
    "fetch.showForcedUpdates": "false",
    "fetch.unpackLimit": "1",  # a fork is one pack, and the limit on a file's size is the limit on the fork's
    "gc.auto": "0",
    "maintenance.auto": "false",
    "http.lowSpeedLimit": "1000",
    "http.lowSpeedTime": "30",
    "protocol.version": "2",
    "submodule.recurse": "false",
}
_OBJECT_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
# Beyond what any calendar holds: an attack, or a date that git could not read. Neither is before any deadline.
LATEST = 1 << 37
_TAKES_PREFIX = ("GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSL_CAINFO")


@lru_cache(maxsize=1)
def environment() -> dict[str, str]:
    """The environment of every git command.

    The user's own `~/.gitconfig` stays in force, because private forks need its credential helper; nothing may prompt.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name in _TAKES_PREFIX}
    ours = {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",
        "SSH_ASKPASS": "",
        "GCM_INTERACTIVE": "never",
        "GIT_ALLOW_PROTOCOL": "https:http:ssh:file",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_LFS_SKIP_SMUDGE": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "LC_ALL": "C",
    }
    if "GIT_SSH" not in kept:
        kept.setdefault("GIT_SSH_COMMAND", "ssh -o BatchMode=yes -o ConnectTimeout=20")
    return kept | ours


def command(repository: Path, *arguments: str) -> list[str]:
    settings = [part for key, value in _SETTINGS.items() for part in ("-c", f"{key}={value}")]
    return ["git", *settings, f"--git-dir={repository}", *arguments]


@dataclass(frozen=True)
class Ran:
    """What came of a git command."""

    exit_code: int
    stdout: str
    stderr: str
    timed_out: bool = False


def run(
    repository: Path, *arguments: str, timeout: float = 600, max_file_mib: int | None = None, stdin: bytes = b""
) -> Ran:
    """Run one git command to its end, with all its children, below a limit on time and on any file's size."""
    if shutil.which("git") is None:
        raise GraderError("git is not installed: a cohort is collected with it")
    words = command(repository, *arguments)
    if max_file_mib is not None and os.name == "posix":
        # The limit holds for whatever transport and compression is used; POSIX counts it in blocks of 512 bytes.
        words = ["sh", "-c", f'ulimit -f {max_file_mib * 2048}; exec "$@"', "git", *words]
    process = subprocess.Popen(
        words,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,  # no terminal to prompt on, and one group to end
    )
    try:
        stdout, stderr = process.communicate(stdin, timeout=timeout)
        timed_out = False
    except subprocess.TimeoutExpired:
        _end(process)
        stdout, stderr = process.communicate()
        timed_out = True
    except BaseException:
        _end(process)
        raise
    return Ran(process.returncode, _text(stdout), _text(stderr), timed_out)


def must(repository: Path, *arguments: str, stdin: bytes = b"") -> str:
    """The output of a command on a repository of ours. Raises GraderError with git's own words when it fails."""
    ran = run(repository, *arguments, timeout=600, stdin=stdin)
    if ran.exit_code:
        said = without_secrets(ran.stderr.strip()) or f"status {ran.exit_code}"
        raise GraderError(f"git {arguments[0]} in {repository}: {said[:500]}")
    return ran.stdout


def _end(process: subprocess.Popen[bytes]) -> None:
    if os.name == "posix":
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
    else:
        process.kill()


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def without_secrets(text: str) -> str:
    """A URL or message without the user names and tokens that URLs can hold."""
    return re.sub(r"(\w+://)[^/\s@]+@", r"\1…@", text)


def bare_url(url: str) -> str:
    """A URL without its user part, for the record."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])) if "@" in parts.netloc else url


def is_id(text: str) -> bool:
    """Whether a text is the full name of an object: 40 hexadecimal digits, or 64."""
    return _OBJECT_ID.fullmatch(text) is not None


@dataclass(frozen=True)
class Commit:
    """What is needed of a commit. `committed` is the committer's date, in seconds: what the committer's clock said."""

    id: str
    tree: str
    committed: int


@dataclass(frozen=True)
class Entry:
    """One entry of a tree."""

    mode: int
    name: str
    id: str

    @property
    def is_tree(self) -> bool:
        return self.mode == 0o040000

    @property
    def is_link(self) -> bool:
        return self.mode == 0o120000

    @property
    def is_submodule(self) -> bool:
        return self.mode == 0o160000


class Objects:
    """Objects of one bare repository read by id, through two `git cat-file` processes that stay. Not thread-safe."""

    def __init__(self, repository: Path) -> None:
        self._repository = repository
        self._infos = self._start(repository, "--batch-check")
        self._contents = self._start(repository, "--batch")
        self.trees = lru_cache(maxsize=2048)(self._tree)
        self.commits = lru_cache(maxsize=256)(self._commits)

    @staticmethod
    def _start(repository: Path, mode: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command(repository, "cat-file", mode),
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def __enter__(self) -> Objects:
        return self

    def __exit__(self, *exception: object) -> None:
        for process in (self._infos, self._contents):
            assert process.stdin and process.stdout
            process.stdin.close()
            process.stdout.close()
            process.wait(timeout=60)

    def info(self, object_id: str) -> tuple[str, str, int] | None:
        """(id, type, size in bytes) of the object of that full id; None when it is missing or the id is none."""
        return self._ask(self._infos, object_id) if is_id(object_id) else None

    def read(self, object_id: str, limit: int) -> bytes | None:
        """The bytes of one object; None when it is missing or larger than `limit`, which is asked before reading."""
        known = self.info(object_id)
        if known is None or known[2] > limit:
            return None
        header = self._ask(self._contents, object_id)
        if header is None:
            return None
        assert self._contents.stdout
        data = self._contents.stdout.read(header[2] + 1)
        if len(data) != header[2] + 1:
            raise GraderError(f"git cat-file ended while it read {object_id}")
        return data[:-1]

    @staticmethod
    def _ask(process: subprocess.Popen[bytes], name: str) -> tuple[str, str, int] | None:
        assert process.stdin and process.stdout
        process.stdin.write(name.encode() + b"\n")
        process.stdin.flush()
        answer = process.stdout.readline()
        if not answer:
            raise GraderError("git cat-file ended before its time: is the collected repository intact?")
        words = answer.decode("utf-8", "replace").split()
        if len(words) != 3 or not words[2].isdigit():
            return None
        return words[0], words[1], int(words[2])

    def _commits(self, tip: str, most: int) -> tuple[Commit, ...]:
        """A commit and its first parents as git reads them, newest first, so many at most; none when it is missing."""
        known = self.info(tip)
        if known is None or known[1] != "commit":
            return ()
        options = ("--first-parent", "--timestamp", "--format=%T", f"--max-count={most}", tip, "--")
        words = must(self._repository, "rev-list", *options).split()
        # Each commit comes as: DATE "commit" ID TREE
        if len(words) % 4 or not all(map(is_id, (*words[2::4], *words[3::4]))):
            raise GraderError(f"git rev-list said something else than commits about {tip}")
        return tuple(
            Commit(commit, tree, int(date) if 0 < int(date) <= LATEST else LATEST)
            for date, commit, tree in zip(words[0::4], words[2::4], words[3::4])
        )

    def _tree(self, tree_id: str) -> dict[str, Entry] | None:
        """The entries of a tree by name; None when it is missing, larger than 16 MiB, malformed or not a tree."""
        known = self.info(tree_id)
        if known is None or known[1] != "tree":
            return None
        data = self.read(tree_id, 16 << 20)
        entries = None if data is None else _entries(data)
        return None if entries is None else {entry.name: entry for entry in entries}


def _entries(data: bytes) -> tuple[Entry, ...] | None:
    """The entries of a raw tree (mode, space, name, NUL, 20 bytes of id, each once); None where anything is wrong."""
    found: dict[str, Entry] = {}
    place = 0
    while place < len(data):
        space = data.find(b" ", place)
        end = data.find(b"\0", space + 1)
        mode = data[place:space]
        if space < 0 or end < 0 or end + 21 > len(data) or not re.fullmatch(rb"[0-7]{1,6}", mode):
            return None
        name = data[space + 1 : end].decode("utf-8", "surrogateescape")
        if not name or name in found:
            return None
        found[name] = Entry(int(mode, 8), name, data[end + 1 : end + 21].hex())
        place = end + 21
    return tuple(found.values())
