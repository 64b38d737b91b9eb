"""A table of signs, read from top to bottom."""

IMAGE = {"ErrImagePull", "ImagePullBackOff", "InvalidImageName"}


class Pod:
    def __init__(self, document):
        self.status = document.get("status", {})

    def containers(self, first=True):
        kinds = ("initContainerStatuses", "containerStatuses") if first else ("containerStatuses",)
        return [status for kind in kinds for status in self.status.get(kind, [])]

    def waits(self, reasons):
        return any(c["state"].get("waiting", {}).get("reason") in reasons for c in self.containers())

    def phase(self, name):
        return self.status.get("phase") == name


SIGNS = {
    "evicted": lambda pod: pod.status.get("reason") == "Evicted",
    "unschedulable": lambda pod: any(
        c["type"] == "PodScheduled" and c["status"] == "False" and c.get("reason") == "Unschedulable"
        for c in pod.status.get("conditions", [])
    ),
    "image": lambda pod: pod.waits(IMAGE),
    "config": lambda pod: pod.waits({"CreateContainerConfigError"}),
    "memory": lambda pod: any(
        c.get(when, {}).get("terminated", {}).get("reason") == "OOMKilled"
        for c in pod.containers()
        for when in ("state", "lastState")
    ),
    "crash": lambda pod: pod.waits({"CrashLoopBackOff"})
    or any(c["state"].get("terminated", {}).get("exitCode", 0) for c in pod.containers()),
    "starting": lambda pod: pod.phase("Pending"),
    "unready": lambda pod: pod.phase("Running") and not all(c["ready"] for c in pod.containers(first=False)),
    "failed": lambda pod: pod.phase("Failed"),
    "healthy": lambda pod: True,
}


def diagnose(pod):
    pod = Pod(pod)
    for word, sign in SIGNS.items():
        if sign(pod):
            return word
