"""What this machine is short of, in words that name the limit: a fault of the machine is never a student's."""

from __future__ import annotations

import contextlib
import errno
import resource
from collections.abc import Iterator

from mlops_grade.errors import GraderError
from mlops_grade.student.jail import Limits, refuse_less_than

ENOUGH_FILES = 4096


def shortage(error: OSError) -> str:
    """Which limit of the machine stands behind an error; empty where none does."""
    return {
        errno.EMFILE: f"open files for one process ({_limit(resource.RLIMIT_NOFILE)}, `ulimit -n`)",
        errno.ENFILE: "open files on the whole machine (fs.file-max)",
        errno.EAGAIN: f"processes and threads ({_limit(resource.RLIMIT_NPROC)}, `ulimit -u`)",
        errno.ENOMEM: "memory",
        errno.EFBIG: f"bytes in a file ({_limit(resource.RLIMIT_FSIZE)}, `ulimit -f`)",
        errno.ENOSPC: "space on the disk that it writes to (temporary files go to TMPDIR)",
        errno.EDQUOT: "space of this user's on the disk that it writes to (temporary files go to TMPDIR)",
    }.get(error.errno or 0, "")


def in_words(error: OSError) -> str:
    """The error, and what the machine is short of where that is behind it."""
    lacking = shortage(error)
    return f"this machine is short of {lacking}" if lacking else error.strerror or str(error)


def _limit(which: int) -> str:
    soft, _ = resource.getrlimit(which)
    return "no limit is set" if soft == resource.RLIM_INFINITY else f"the limit is {soft}"


def told_by_the_machine(error: Exception) -> str:
    """What the machine is short of, where that is all that an error says; empty for any other."""
    if isinstance(error, RuntimeError) and "can't start new thread" in str(error):
        return "this machine is short of threads, or of memory for them (`ulimit -u`, `-v`, `-d`)"
    return in_words(error) if isinstance(error, OSError) and shortage(error) else ""


@contextlib.contextmanager
def of_this_machine(what: str) -> Iterator[None]:
    """Around what the grader takes of the machine for itself. Raises GraderError where it is refused."""
    try:
        yield
    except OSError as error:
        raise GraderError(f"{what}: {in_words(error)}") from None
    except RuntimeError as error:
        if told := told_by_the_machine(error):
            raise GraderError(f"{what}: {told}") from None
        raise


def take_what_grading_takes(limits: Limits) -> None:
    """Have as many open files as this process may. Raises GraderError where a limit is below what a pod is promised.

    Every process of the grader has the limits of the one that started it.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = ENOUGH_FILES if hard == resource.RLIM_INFINITY else min(hard, ENOUGH_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    with of_this_machine("grading cannot begin"):
        refuse_less_than(limits)
