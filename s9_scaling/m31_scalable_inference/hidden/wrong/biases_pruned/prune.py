"""Take the weights out that matter least."""

import copy

import torch
from torch import Tensor, nn
from torch.nn.utils import prune


def weighted_layers(model: nn.Module) -> list[nn.Module]:
    return [module for module in model.modules() if isinstance(module, (nn.Conv2d, nn.Linear))]


def sparsity(model: nn.Module) -> float:
    """The share of zeros among the weights (not the biases) of all Conv2d and Linear layers."""
    weights: Tensor = torch.cat([layer.weight.flatten() for layer in weighted_layers(model)])
    return (weights == 0).double().mean().item()


def prune_model(model: nn.Module, amount: float = 0.2) -> nn.Module:
    """A copy of `model` in which the smallest weights of all Conv2d and Linear layers together are zero."""
    pruned = copy.deepcopy(model)
    weights = [(layer, "weight") for layer in weighted_layers(pruned)]
    weights += [(layer, "bias") for layer in weighted_layers(pruned) if layer.bias is not None]
    prune.global_unstructured(weights, pruning_method=prune.L1Unstructured, amount=amount)
    for layer, name in weights:
        prune.remove(layer, name)
    return pruned
