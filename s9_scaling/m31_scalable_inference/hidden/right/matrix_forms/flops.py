"""PyTorch's own counter sees each product, those of a linear layer as a matrix product."""

import copy

import torch
from torch import nn


class Counter:
    def __init__(self) -> None:
        self.flops = 0

    def __call__(self, layer: nn.Module, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:
        products = layer.in_features if isinstance(layer, nn.Linear) else layer.weight[0].numel()
        self.flops += 2 * output.numel() * products


def count_flops(model: nn.Module, input_shape: tuple[int, ...]) -> int:
    twin = copy.deepcopy(model).eval().requires_grad_(False)
    counter = Counter()
    for layer in twin.modules():
        if type(layer) in (nn.Conv2d, nn.Linear):
            layer.register_forward_hook(counter)
    twin(torch.zeros(*input_shape))
    return counter.flops
