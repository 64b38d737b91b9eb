import torch
from schema import Decision

torch.set_num_threads(1)


def _columns(e):
    n = len(e.labels)
    same_length = [n == len(column) for column in (e.groups, e.champion, e.challenger)]
    if n == 0 or not all(same_length):
        raise ValueError("rows do not match")
    code = {name: index for index, name in enumerate({*e.labels, *e.champion, *e.challenger})}
    y, old, new = (torch.tensor([code[name] for name in column]) for column in (e.labels, e.champion, e.challenger))
    return (new == y).double() - (old == y).double()


def decide(evaluation, policy):
    delta = _columns(evaluation)
    source = torch.Generator().manual_seed(1)
    boot = torch.stack([delta[torch.randint(len(delta), (len(delta),), generator=source)].mean() for _ in range(2500)])
    tail = 0.5 - policy.confidence / 2
    low, high = boot.quantile(torch.tensor([tail, 1 - tail], dtype=torch.double)).tolist()

    names = sorted(set(evaluation.groups))
    member = torch.tensor([[group == name for group in evaluation.groups] for name in names])
    sizes = dict(zip(names, member.sum(1).tolist()))
    slices = {name: delta[mask].mean().item() for name, mask in zip(names, member) if sizes[name] >= policy.min_slice}

    rules = [
        (low < -policy.margin, "accuracy"),
        *((value < -policy.slice_margin, f"slice:{name}") for name, value in slices.items()),
        *((sizes.get(name, 0) < policy.min_slice, f"unmeasured:{name}") for name in policy.required_groups),
        (_slow(evaluation.latency_ms, policy.max_latency_ms), "latency"),
        (evaluation.size_mb is None or evaluation.size_mb > policy.max_size_mb, "size"),
    ]
    reasons = [reason for broken, reason in rules if broken]
    return Decision(
        approved=not reasons, difference=delta.mean().item(), interval=(low, high), slices=slices, reasons=reasons
    )


def _slow(latencies, limit):
    """More than one in twenty is above the limit: then the 95th percentile is, too."""
    return not latencies or sum(pace > limit for pace in latencies) > len(latencies) / 20


def adjusted_difference(champion, challenger):
    if not champion or set(champion).symmetric_difference(challenger):
        raise ValueError("these reports cannot be compared")
    both = {group: champion[group].rows + challenger[group].rows for group in champion}

    def at_the_same_mix(report):
        return sum(both[group] * counts.right / counts.rows for group, counts in report.items()) / sum(both.values())

    return at_the_same_mix(challenger) - at_the_same_mix(champion)
