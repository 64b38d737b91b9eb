"""Pruning by a mask over one long vector of all weights."""

import copy

import torch
from torch import nn
from torch.nn.utils import parameters_to_vector, vector_to_parameters


def weights(model: nn.Module) -> list[nn.Parameter]:
    return [layer.weight for layer in model.modules() if isinstance(layer, nn.Conv2d | nn.Linear)]


def sparsity(model: nn.Module) -> float:
    vector = parameters_to_vector(weights(model))
    return 1 - vector.count_nonzero().item() / vector.numel()


@torch.no_grad()
def prune_model(model: nn.Module, amount: float = 0.2) -> nn.Module:
    pruned = copy.deepcopy(model)
    vector = parameters_to_vector(weights(pruned))
    number = round(amount * vector.numel())
    smallest = torch.topk(vector.abs(), number, largest=False).indices
    vector_to_parameters(vector.index_fill(0, smallest, 0.0), weights(pruned))
    return pruned
