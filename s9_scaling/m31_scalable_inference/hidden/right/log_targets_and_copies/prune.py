"""Take the weights out that matter least."""

import copy

import torch
from torch import nn


def _weights(model):
    """Each weight once, even where layers share it."""
    found = {id(m.weight): m.weight for m in model.modules() if isinstance(m, (nn.Conv2d, nn.Linear))}
    return list(found.values())


def sparsity(model: nn.Module) -> float:
    weights = _weights(model)
    total = sum(w.numel() for w in weights)
    return 1 - sum(int(torch.count_nonzero(w)) for w in weights) / total if total else 0.0


@torch.no_grad()
def prune_model(model: nn.Module, amount: float = 0.2) -> nn.Module:
    pruned = copy.deepcopy(model)
    weights = _weights(pruned)
    if not weights:
        return pruned
    flat = torch.cat([w.flatten() for w in weights])
    flat[flat.abs().argsort(stable=True)[: round(amount * len(flat))]] = 0
    for w, piece in zip(weights, flat.split([w.numel() for w in weights])):
        w.copy_(piece.view_as(w))
    return pruned
