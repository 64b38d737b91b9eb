"""Fetch every fork into one bare repository, where shared history is stored once.

A fork is never cloned into a work tree, and git never runs inside a repository that somebody handed in: its
configuration could run programs. A local one is fetched through a small stand-in of ours that borrows its objects.

What is fetched comes into an empty repository first. Among the others' objects a fork could name some that it does not
have (another student's commit), and nobody would notice; alone it has to bring all that it names.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from time import sleep
from urllib.parse import unquote, urlsplit

from mlops_grade.batch import git, local_repository, places
from mlops_grade.batch.local_repository import EMPTY, SHA256, SHALLOW, Unusable
from mlops_grade.batch.settings import CohortSettings
from mlops_grade.batch.student import Student
from mlops_grade.errors import GraderError

TRIES = 3
PAUSE = 2.0
_WORTH_ANOTHER_TRY = re.compile(
    r"could not resolve|connect|timed out|timeout|early eof|hung up|disconnect|returned error: (?:429|5\d\d)",
    re.IGNORECASE,
)
ALONE = "refs/collected/tip"
_REASONS = (
    (r"couldn't find remote ref HEAD", EMPTY),
    (r"shallow", SHALLOW),
    (r"couldn't find remote ref", "has no branch, tag or commit of that name"),
    # git's own child is ended by the limit on files; all that its parent then says is the second of these.
    (r"signal 25|file size limit|file too large|\Afatal: fetch-pack: invalid index-pack output\s*\Z", "is too large"),
    (r"fsck error|error in tree|error in commit", "holds objects that git itself calls broken"),
    (r"could not read username|authentication failed|permission denied|error: 40[13]|host key", "access is refused"),
    (
        r"not found|does not exist|not appear to be a git|error: 404",
        "there is no such repository, or no right to read it",
    ),
    (r"transport '\w+' not allowed", "is at an address of a kind that is not fetched from"),
    (r"mismatched algorithms|object format", SHA256),
    (r"not our ref|unadvertised object", "is damaged, or has no such commit"),
    (r"could not resolve|failed to connect|connection|unable to access", "its server cannot be reached"),
    (r"not send all|missing|corrupt|bad object|inflate|invalid|unable to", "is damaged: objects are missing or broken"),
)


@dataclass(frozen=True)
class Fetched:
    """The tip of a fork's branch after collecting; or no tip, and the reason.

    A plain folder has neither, and is `loose` where it holds files without the course around them.
    """

    student: Student
    tip: str = ""
    reason: str = ""
    folder: Path | None = None
    loose: bool = False


class Collector:
    """One bare repository that takes in the forks of a cohort."""

    def __init__(self, repository: Path, namespace: str, settings: CohortSettings, jobs: int = 16) -> None:
        self.repository = repository
        self.namespace = namespace
        self.settings = settings
        self.jobs = jobs
        if not (repository / "HEAD").is_file():
            repository.mkdir(parents=True, exist_ok=True)
            git.must(repository, "init", "--quiet", "--bare", "--template=")
        self._sweep()

    def ref(self, student: Student) -> str:
        return f"refs/forks/{self.namespace}/{student.slug}"

    def collect(self, students: Iterable[Student], known: Callable[[Student], str]) -> Iterator[Fetched]:
        """Fetch in parallel and give the results as they come. `known` is the tip that is collected already, or "".

        The first fork goes alone: the others then find the shared history in place.
        """
        waiting = list(students)
        while waiting:
            first = self.fetch(waiting.pop(0), known)
            yield first
            if first.tip:
                break
        with ThreadPoolExecutor(self.jobs, thread_name_prefix="fetch") as pool:
            futures = [pool.submit(self.fetch, student, known) for student in waiting]
            try:
                for future in as_completed(futures):
                    yield future.result()
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def fetch(self, student: Student, known: Callable[[Student], str] = lambda _: "") -> Fetched:
        """Bring one fork up to date. Every failure of the fork is a reason; a full disk is an error of ours."""
        repository = student.repository
        if student.trouble:
            return Fetched(student, reason=student.trouble)
        if not repository:
            return Fetched(student, reason="the roster names no repository")
        if repository.startswith("-"):
            return Fetched(student, reason="the roster names something that is not an address")
        path = _local_path(repository)
        if path is None:
            return self._fetch_remote(student, repository, student.ref or "HEAD", known(student))
        return self._fetch_local(student, path, known(student))

    def keep(self, commits: Iterable[str]) -> None:
        """Hold on to graded commits, whatever the forks' branches do later. Raises GraderError when git cannot."""
        lines = "".join(f"update refs/graded/{commit} {commit}\n" for commit in commits if git.is_id(commit))
        if lines:
            git.must(self.repository, "update-ref", "--stdin", stdin=lines.encode())
            git.must(self.repository, "pack-refs", "--all")
            git.must(self.repository, "multi-pack-index", "write")  # each fork came as a pack of its own

    def _fetch_local(self, student: Student, path: Path, known: str) -> Fetched:
        if not path.is_dir():
            return Fetched(student, reason=f"there is no folder {path}")
        try:
            work = places.place_of(path)
            if work.reason or not places.is_repository(work.folder):
                return Fetched(student, reason=work.reason, folder=work.folder, loose=work.loose)
            place = local_repository.git_folder(work.folder)
            tip = local_repository.tip(place, student.ref)
            if tip == known:
                return Fetched(student, tip)
            with tempfile.TemporaryDirectory(prefix="fork-", dir=self.repository) as scratch:
                stand_in = local_repository.stand_in(Path(scratch), place, tip)
                fetched = self._fetch_from(student, str(stand_in), "refs/heads/graded")
            if not fetched.tip and local_repository.is_partial(place):
                return replace(fetched, reason=local_repository.PARTIAL)
            return fetched
        except Unusable as error:
            return Fetched(student, reason=str(error))
        except OSError as error:
            return Fetched(student, reason=f"cannot be read: {error.strerror}")

    def _fetch_remote(self, student: Student, address: str, source: str, known: str) -> Fetched:
        """A fork that still is where it was is not downloaded again."""
        if known:
            names = [source, f"refs/heads/{source}", f"refs/tags/{source}"]
            ran = git.run(self.repository, "ls-remote", "--", address, *names, timeout=self.settings.fetch_timeout)
            found = {words[0] for line in ran.stdout.splitlines() if (words := line.split("\t"))[-1] in names}
            if ran.exit_code == 0 and found == {known}:
                return Fetched(student, known)
        fetched = self._fetch_from(student, address, source)
        if fetched.reason == EMPTY:
            return replace(fetched, reason=local_repository.without_default(self._branches(address)))
        return fetched

    def _branches(self, address: str) -> set[str]:
        ran = git.run(self.repository, "ls-remote", "--heads", "--", address, timeout=self.settings.fetch_timeout)
        return {line.partition("refs/heads/")[2] for line in ran.stdout.splitlines()[:1000]} - {""}

    def _fetch_from(self, student: Student, address: str, source: str) -> Fetched:
        reason = ""
        for number in range(TRIES):
            with tempfile.TemporaryDirectory(prefix="fork-", dir=self.repository) as scratch:
                alone = Path(scratch)
                git.must(alone, "init", "--quiet", "--bare", "--template=")
                ran = self._fetched(alone, address, f"+{source}:{ALONE}")
                if ran.exit_code == 0:
                    ran = self._fetched(self.repository, scratch, f"+{ALONE}:{self.ref(student)}")
            if ran.exit_code == 0:
                return self._tip_of(student)
            if "no space left" in ran.stderr.lower():
                raise GraderError(f"{self.repository}: no space left on the disk while collecting {student.id}")
            reason = self._reason(ran)
            if not (ran.timed_out or _WORTH_ANOTHER_TRY.search(ran.stderr)):
                break
            if number + 1 < TRIES:
                sleep(PAUSE * 4**number)
        return Fetched(student, reason=reason)

    def _fetched(self, into: Path, address: str, what: str) -> git.Ran:
        options = (
            "--quiet", "--no-tags", "--force", "--no-write-fetch-head", "--no-recurse-submodules",
            "--no-auto-maintenance",
        )  # fmt: skip
        return git.run(
            into, "fetch", *options, "--", address, what,
            timeout=self.settings.fetch_timeout, max_file_mib=self.settings.max_fork_mib,
        )  # fmt: skip

    def _tip_of(self, student: Student) -> Fetched:
        ran = git.run(self.repository, "rev-parse", "--quiet", "--verify", f"{self.ref(student)}^{{commit}}")
        tip = ran.stdout.strip()
        if ran.exit_code or not git.is_id(tip):
            return Fetched(student, reason="names something that is not a commit")
        return Fetched(student, tip)

    def _reason(self, ran: git.Ran) -> str:
        if ran.timed_out:
            return f"did not answer within {self.settings.fetch_timeout:.0f} s"
        for pattern, reason in _REASONS:
            if re.search(pattern, ran.stderr, re.IGNORECASE):
                if reason == "is too large":
                    self._sweep(at_least=(self.settings.max_fork_mib << 20) - (1 << 20))
                    return f"is larger than {self.settings.max_fork_mib} MiB (max_fork_mib in cohort.toml)"
                return reason
        lines = [line for line in ran.stderr.splitlines() if line.strip()]
        return git.without_secrets(lines[-1])[:300] if lines else f"git fetch ended with status {ran.exit_code}"

    def _sweep(self, at_least: int = 0) -> None:
        """Clear away what a killed fetch left. While others fetch, only what is too large to be one that goes on."""
        for path in (self.repository / "objects" / "pack").glob("tmp_*"):
            with suppress(FileNotFoundError):
                if path.stat().st_size >= at_least:
                    path.unlink()
        if not at_least:
            for path in self.repository.glob("fork-*"):
                shutil.rmtree(path, ignore_errors=True)
            for path in self.repository.rglob("*.lock"):
                with suppress(FileNotFoundError):
                    path.unlink()


def _local_path(repository: str) -> Path | None:
    if repository.startswith("file://"):
        return Path(unquote(urlsplit(repository).path))
    if repository.startswith("/"):
        return Path(repository)
    is_remote = "://" in repository or re.match(r"(?:[\w.-]+@)?[\w.-]{2,}:", repository)  # C: is a disk
    return None if is_remote else Path(repository).expanduser()
