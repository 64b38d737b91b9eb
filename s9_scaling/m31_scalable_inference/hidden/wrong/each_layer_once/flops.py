"""Count what a forward pass costs."""

import copy

import torch
from torch import Tensor, nn


def count_flops(model: nn.Module, input_shape: tuple[int, ...]) -> int:
    """Floating point operations of a forward pass for an input of zeros of `input_shape` (with its batch dimension)."""
    flops = 0
    seen: set[nn.Module] = set()

    def count(layer: nn.Module, inputs: tuple[Tensor], outputs: Tensor) -> None:
        nonlocal flops
        if layer in seen:
            return
        seen.add(layer)
        # Each number that leaves a layer is a product of one filter, or one row, with as many inputs.
        flops += 2 * outputs.numel() * layer.weight[0].numel()

    # Whatever happens to a copy, the model is left as it was.
    model = copy.deepcopy(model).eval()
    for layer in model.modules():
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            layer.register_forward_hook(count)
    with torch.no_grad():
        model(torch.zeros(input_shape))
    return flops
