def rollout_states(replicas, max_surge, max_unavailable):
    def pods(limit, extra):
        if isinstance(limit, int):
            return limit
        return (int(limit[:-1]) * replicas + extra) // 100

    s, u = pods(max_surge, 99), pods(max_unavailable, 0)
    if s + u == 0:
        for limit in (max_surge, max_unavailable):
            if limit != 0 and limit != "0%":
                break
        else:
            raise ValueError("0 and 0")
        u = 1
    states = [(replicas, 0)]
    ready = 0
    while states[-1] != (0, replicas):
        old, new = states[-1]
        start = min(replicas - new, replicas + s - old - new)
        if start > 0:
            new += start
            states.append((old, new))
        stop = min(old, old + ready - replicas + u)
        if stop > 0:
            old -= stop
            states.append((old, new))
        ready = new
    return states
