def diagnose(pod):
    status = pod["status"]
    main = status.get("containerStatuses") or []
    every = (status.get("initContainerStatuses") or []) + main
    reasons, codes, memory = [], [], False
    for one in every:
        match one.get("state") or {}:
            case {"waiting": {"reason": reason}}:
                reasons.append(reason)
            case {"terminated": {"exitCode": code, "reason": "OOMKilled"}}:
                memory = True
                codes.append(code)
            case {"terminated": {"exitCode": code}}:
                codes.append(code)
        match one:
            case {"lastState": {"terminated": {"reason": "OOMKilled"}}}:
                memory = True
    if status.get("reason") == "Evicted":
        return "evicted"
    if any(
        c["type"] == "PodScheduled" and c["status"] == "False" and c.get("reason") == "Unschedulable"
        for c in status.get("conditions", ())
    ):
        return "unschedulable"
    if any(r in ("ErrImagePull", "ImagePullBackOff", "InvalidImageName") for r in reasons):
        return "image"
    if "CreateContainerConfigError" in reasons:
        return "config"
    if memory:
        return "memory"
    if "CrashLoopBackOff" in reasons or any(codes):
        return "crash"
    phase = status["phase"]
    if phase == "Pending":
        return "starting"
    if phase == "Running" and any(not c["ready"] for c in main):
        return "unready"
    return "failed" if phase == "Failed" else "healthy"
