"""What is wrong with this pod? The table of the exercise, as a table."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Signs:
    status: dict[str, Any]
    waiting: set[str] = field(default_factory=set)
    ended: list[dict[str, Any]] = field(default_factory=list)
    ended_before: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for kind in ("initContainerStatuses", "containerStatuses"):
            for container in self.status.get(kind) or ():
                state, before = container.get("state") or {}, container.get("lastState") or {}
                if state.get("waiting"):
                    self.waiting.add(state["waiting"].get("reason", ""))
                if state.get("terminated"):
                    self.ended.append(state["terminated"])
                if before.get("terminated"):
                    self.ended_before.append(before["terminated"])


def _unschedulable(s: Signs) -> bool:
    return any(
        (c.get("type"), c.get("status"), c.get("reason")) == ("PodScheduled", "False", "Unschedulable")
        for c in s.status.get("conditions") or ()
    )


TABLE: dict[str, Callable[[Signs], bool]] = {
    "evicted": lambda s: s.status.get("reason") == "Evicted",
    "unschedulable": _unschedulable,
    "image": lambda s: bool(s.waiting & {"ErrImagePull", "ImagePullBackOff", "InvalidImageName"}),
    "config": lambda s: "CreateContainerConfigError" in s.waiting,
    "memory": lambda s: any(end.get("reason") == "OOMKilled" for end in s.ended + s.ended_before),
    "crash": lambda s: "CrashLoopBackOff" in s.waiting or any(end.get("exitCode", 0) != 0 for end in s.ended),
    "starting": lambda s: s.status.get("phase") == "Pending",
    "unready": lambda s: (
        s.status.get("phase") == "Running" and any(not c.get("ready") for c in s.status.get("containerStatuses") or ())
    ),
    "failed": lambda s: s.status.get("phase") == "Failed",
}


def diagnose(pod: dict[str, Any]) -> str:
    signs = Signs(pod.get("status") or {})
    return next((answer for answer, applies in TABLE.items() if applies(signs)), "healthy")
