import random
from collections import defaultdict
from fractions import Fraction

from schema import Decision


def decide(evaluation, policy):
    e = evaluation
    if not len(e.labels) == len(e.groups) == len(e.champion) == len(e.challenger):
        raise ValueError("the columns are not equally long")
    if len(e.labels) == 0:
        raise ValueError("no rows")
    outcomes = [(new == truth) - (old == truth) for truth, old, new in zip(e.labels, e.champion, e.challenger)]
    by_group = defaultdict(list)
    for group, outcome in zip(e.groups, outcomes):
        by_group[group].append(outcome)

    reasons = []
    if e.size_mb is None or e.size_mb > policy.max_size_mb:
        reasons.append("size")
    if len(e.latency_ms) == 0 or percentile_95(e.latency_ms) > policy.max_latency_ms:
        reasons.append("latency")

    slices = {}
    for group in sorted(by_group):
        if len(by_group[group]) < policy.min_slice:
            continue
        slices[group] = sum(by_group[group]) / len(by_group[group])
        if slices[group] < -policy.slice_margin:
            reasons.append("slice:" + group)
    for group in set(policy.required_groups):
        if len(by_group.get(group, ())) < policy.min_slice:
            reasons.append("unmeasured:" + group)

    low, high = bootstrap(outcomes, policy.confidence)
    if low < -policy.margin:
        reasons.insert(0, "accuracy")
    return Decision(
        approved=len(reasons) == 0,
        difference=sum(outcomes) / len(outcomes),
        interval=(low, high),
        slices=slices,
        reasons=reasons,
    )


def percentile_95(values):
    ordered = sorted(values)
    rank = -(-95 * len(ordered) // 100)  # the nearest rank, rounded up
    return ordered[rank - 1]


def bootstrap(outcomes, confidence, draws=2000):
    source = random.Random("m47")
    n = len(outcomes)
    means = sorted(sum(source.choices(outcomes, k=n)) / n for _ in range(draws))
    outside = (1 - confidence) / 2
    return means[int(outside * draws)], means[min(draws - 1, int((1 - outside) * draws))]


def adjusted_difference(champion, challenger):
    if set(champion) != set(challenger):
        raise ValueError("other groups")
    if not champion:
        raise ValueError("no groups")
    total = sum(report[group].rows for report in (champion, challenger) for group in report)
    result = Fraction(0)
    for group in champion:
        old, new = champion[group], challenger[group]
        within = Fraction(new.right, new.rows) - Fraction(old.right, old.rows)
        result += within * Fraction(old.rows + new.rows, total)
    return float(result)
