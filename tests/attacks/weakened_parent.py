"""A warm parent with some of its layers taken away, for tests only: `MLOPS_WITHOUT=landlock,seccomp`.

Nothing in the grader can be switched off like this: the test starts this file in the warm parent's place.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from mlops_grade.student import jail, parent, pod


def _nothing(*arguments: object, **named: object) -> None:
    return None


def _without_landlock() -> None:
    jail.restrict_files = _nothing  # type: ignore[assignment]


def _without_seccomp() -> None:
    jail.filter_syscalls = _nothing  # type: ignore[assignment]


def _without_dropping_capabilities() -> None:
    jail.drop_capabilities = _nothing  # type: ignore[assignment]


def _without_limits() -> None:
    jail.apply_limits = _nothing  # type: ignore[assignment]


def _without_guard() -> None:
    pod.Keeper._excess = lambda self, processes: ""  # type: ignore[method-assign]
    real = jail.mount_processes
    jail.mount_processes = lambda processes: real(1 << 20)  # type: ignore[assignment]


def _without_sweep() -> None:
    def only_the_pod(self: pod.Keeper, process: int) -> None:
        os.kill(process, 9)

    pod.Keeper._end = only_the_pod  # type: ignore[method-assign]


def _without_other_user() -> None:
    jail.leave_root = _nothing  # type: ignore[assignment]


def _without_own_folders() -> None:
    jail.mount_temporary = _nothing  # type: ignore[assignment]


def _without_own_processes() -> None:
    jail.mount_processes = _nothing  # type: ignore[assignment]
    jail.CLONE_NEWPID = 0


LAYERS: dict[str, Callable[[], None]] = {
    "landlock": _without_landlock,
    "seccomp": _without_seccomp,
    "dropped capabilities": _without_dropping_capabilities,
    "limits": _without_limits,
    "guard": _without_guard,
    "sweep": _without_sweep,
    "other user": _without_other_user,
    "own folders": _without_own_folders,
    "own processes": _without_own_processes,
}

if __name__ == "__main__":
    for layer in filter(None, os.environ.pop("MLOPS_WITHOUT", "").split(",")):
        LAYERS[layer]()
    parent.main()
