"""What is wrong with this pod?"""

from itertools import chain
from typing import Any


def diagnose(pod: dict[str, Any]) -> str:
    status = pod.get("status", {})
    mains = status.get("containerStatuses") or []
    inits = status.get("initContainerStatuses") or []

    waits, killed, crashed = [], False, False
    for container in chain(inits, mains):
        match container.get("state"):
            case {"waiting": {"reason": str(reason)}}:
                waits.append(reason)
            case {"terminated": {"exitCode": int(code)} as ended}:
                crashed |= code != 0
                killed |= ended.get("reason") == "OOMKilled"
        match container.get("lastState"):
            case {"terminated": {"reason": "OOMKilled"}}:
                killed = True

    if status.get("reason") == "Evicted":
        return "evicted"
    for condition in status.get("conditions") or []:
        match condition:
            case {"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}:
                return "unschedulable"
    for reasons, answer in (
        (("ErrImagePull", "ImagePullBackOff", "InvalidImageName"), "image"),
        (("CreateContainerConfigError",), "config"),
    ):
        if any(reason in reasons for reason in waits):
            return answer
    if killed:
        return "memory"
    if crashed or "CrashLoopBackOff" in waits:
        return "crash"

    match status.get("phase"):
        case "Pending":
            return "starting"
        case "Running" if not all(container.get("ready", False) for container in mains):
            return "unready"
        case "Failed":
            return "failed"
        case _:
            return "healthy"
