import json


def diagnose(pod):
    status = pod["status"]
    containers = status.get("initContainerStatuses", []) + status.get("containerStatuses", [])
    reasons = {}
    for container in containers:
        for key, value in container["state"].items():
            reasons.setdefault(key, []).append(value.get("reason"))
    ends = [container["state"]["terminated"] for container in containers if "terminated" in container["state"]]
    now = set(reasons.get("waiting", []))
    if status.get("reason") == "Evicted":
        return "evicted"
    for condition in status.get("conditions", []):
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            if condition.get("reason") == "Unschedulable":
                return "unschedulable"
    if now.intersection(["ErrImagePull", "ImagePullBackOff", "InvalidImageName"]):
        return "image"
    if "CreateContainerConfigError" in now:
        return "config"
    if '"OOMKilled"' in json.dumps(containers):
        return "memory"
    if "CrashLoopBackOff" in now or sum(abs(end["exitCode"]) for end in ends):
        return "crash"
    if status["phase"] == "Pending":
        return "starting"
    ready = [container["ready"] for container in status.get("containerStatuses", [])]
    if status["phase"] == "Running" and False in ready:
        return "unready"
    return {"Failed": "failed"}.get(status["phase"], "healthy")
