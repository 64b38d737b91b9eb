"""The warm parent: imports once what every submission needs, then forks a keeper with a pod for each test.

Started as `python -m mlops_grade.student.parent DESCRIPTOR` inside the tier's fence. It never runs student code, never
touches CUDA, and holds no hidden file: every pod is a copy of its memory.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from mlops_grade.student import jail
from mlops_grade.student.channel import Channel
from mlops_grade.student.deadline import PATIENCE_WITH_OURSELVES, OnTheWall
from mlops_grade.student.forkserver import ForkServer, Role, preload
from mlops_grade.student.pod import Keeper, Settings, rehearse


def main() -> None:
    control = Channel.from_descriptor(int(sys.argv[1]))
    os.closerange(3, control.fileno())
    os.closerange(control.fileno() + 1, 4096)
    jail.hide_memory()  # no parent-death signal: it is sent when the *thread* that started us ends; we see the hang-up
    jail.adopt_orphans()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ctrl-C is the grader's to handle; it ends us by hanging up
    message, _ = control.receive(OnTheWall(PATIENCE_WITH_OURSELVES))
    sys.argv = ["student"]
    settings = Settings(**message["settings"])
    failed = preload(message["preload"])
    trouble = "" if message["once"] else _trouble_with_fence(settings)
    control.send({"ready": not trouble, "trouble": trouble, "preload_failed": failed})

    def keeper(request: dict[str, Any], descriptors: list[int]) -> Role:
        return Keeper(settings, request, descriptors)

    role: Role | None = None if trouble else ForkServer(control, keeper, _refuse, message["once"])
    while role is not None:
        role = role.run()


def _refuse(descriptors: list[int], why: str) -> None:
    Channel.from_descriptor(os.dup(descriptors[0])).send({"trouble": why})


def _trouble_with_fence(settings: Settings) -> str:
    """Put up a pod's fence in a child that does nothing else; what went wrong, or an empty text."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            rehearse(settings)
            os._exit(0)
        except BaseException as error:
            os.write(write, str(error).encode()[:500] or b"failed")
            os._exit(1)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        text = pipe.read().decode(errors="replace")
    _, status = os.waitpid(child, 0)
    return text or ("" if status == 0 else f"the trial pod ended with status {status}")


if __name__ == "__main__":
    # Through the importable module: nothing of ours may be known by the name `__main__`.
    from mlops_grade.student.parent import main as importable_main

    importable_main()
