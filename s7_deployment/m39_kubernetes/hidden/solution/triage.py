"""What is wrong with this pod?"""

from collections.abc import Iterator
from typing import Any

WAITING = {
    "image": {"ErrImagePull", "ImagePullBackOff", "InvalidImageName"},
    "config": {"CreateContainerConfigError"},
    "crash": {"CrashLoopBackOff"},
}
UNSCHEDULABLE = ("PodScheduled", "False", "Unschedulable")


def diagnose(pod: dict[str, Any]) -> str:
    """Return what ails a pod, as `kubectl get pod -o json` gives it: one of the words of the exercise's table."""
    return next(_findings(pod.get("status", {})))


def _findings(status: dict[str, Any]) -> Iterator[str]:
    """Everything that applies, in the order of the table."""
    if status.get("reason") == "Evicted":
        yield "evicted"
    for condition in status.get("conditions", []):
        if (condition["type"], condition["status"], condition.get("reason")) == UNSCHEDULABLE:
            yield "unschedulable"
    main = status.get("containerStatuses", [])
    containers = [*status.get("initContainerStatuses", []), *main]
    now = [container.get("state", {}) for container in containers]
    before = [container.get("lastState", {}) for container in containers]
    waiting = {state["waiting"].get("reason") for state in now if "waiting" in state}
    ended = [state["terminated"] for state in now if "terminated" in state]
    ended_before = [state["terminated"] for state in before if "terminated" in state]
    if waiting & WAITING["image"]:
        yield "image"
    if waiting & WAITING["config"]:
        yield "config"
    if any(end.get("reason") == "OOMKilled" for end in ended + ended_before):
        yield "memory"
    if waiting & WAITING["crash"] or any(end["exitCode"] != 0 for end in ended):
        yield "crash"
    if status.get("phase") == "Pending":
        yield "starting"
    if status.get("phase") == "Running" and not all(container["ready"] for container in main):
        yield "unready"
    if status.get("phase") == "Failed":
        yield "failed"
    yield "healthy"
