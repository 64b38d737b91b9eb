from __future__ import annotations

import math


def expected_cost(costs, base_rate, probs, y, at) -> float:
    hits = sum(1 for p, t in zip(probs, y) if t and p >= at)
    alarms = sum(1 for p, t in zip(probs, y) if not t and p >= at)
    positives = sum(y)
    recall, fall_out = hits / positives, alarms / (len(y) - positives)
    (quiet, alarm), (miss, hit) = costs
    return base_rate * (recall * hit + (1 - recall) * miss) + (1 - base_rate) * (fall_out * alarm + (1 - fall_out) * quiet)


def threshold(costs, base_rate, probs, y) -> float:
    """Sweep once from the highest score down; each score that is passed becomes a yes."""
    (quiet, alarm), (miss, hit) = costs
    positives = sum(y)
    negatives = len(y) - positives
    now = base_rate * miss + (1 - base_rate) * quiet
    best, where = now, math.inf
    ordered = sorted(zip(probs, y), reverse=True)
    for place, (prob, truth) in enumerate(ordered):
        now += base_rate * (hit - miss) / positives if truth else (1 - base_rate) * (alarm - quiet) / negatives
        following = ordered[place + 1][0] if place + 1 < len(ordered) else -math.inf
        if following < prob and now < best - 1e-12:
            best, where = now, (prob + following) / 2
    return where
