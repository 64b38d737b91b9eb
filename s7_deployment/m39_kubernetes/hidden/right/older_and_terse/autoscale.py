import math


def desired_replicas(current, metrics, ready, low, high, tolerance=0.1):
    best = -1
    for target, values in metrics:
        total = count = gaps = waiting = 0
        for index in range(current):
            if values[index] is None:
                gaps += 1
            elif not ready[index]:
                waiting += 1
            else:
                total += values[index]
                count += 1
        if count == 0:
            best = max(best, current)
            continue
        above = total > target * count
        if above:
            count += gaps + waiting
        else:
            total += target * gaps
            count += gaps
        ratio = total / (target * count)
        if abs(ratio - 1) <= tolerance or above != (ratio > 1):
            best = max(best, current)
        else:
            best = max(best, math.ceil(total / target))
    if current == 0:
        return 0
    if best < low:
        return low
    if best > high:
        return high
    return best
