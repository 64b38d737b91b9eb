"""With a threshold found by kthvalue, and masks that are multiplied in."""

import copy

import torch
from torch import nn

PRUNABLE = (nn.Linear, nn.Conv2d)


def sparsity(model):
    counts = [
        (torch.count_nonzero(m.weight).item(), m.weight.numel()) for m in model.modules() if isinstance(m, PRUNABLE)
    ]
    return 1 - sum(c for c, _ in counts) / sum(n for _, n in counts)


def prune_model(model, amount=0.2):
    model = copy.deepcopy(model)
    weights = {f"{name}.weight": m.weight for name, m in model.named_modules() if isinstance(m, PRUNABLE)}
    sizes = torch.cat([w.detach().abs().reshape(-1) for w in weights.values()])
    k = round(amount * sizes.numel())
    if k == 0:
        return model
    threshold = sizes.kthvalue(k).values
    for weight in weights.values():
        weight.data = weight.data * (weight.data.abs() > threshold)
    return model
