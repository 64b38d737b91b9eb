"""Weights and activations in eight bits."""

import copy
from itertools import chain

import torch
from torch import Tensor, nn


def quantise_tensor(values: Tensor) -> tuple[Tensor, float]:
    largest = values.detach().abs().max().item() if values.numel() else 0.0
    if largest == 0:
        return torch.zeros_like(values, dtype=torch.int8), 1.0
    scale = largest / 127
    whole = torch.round(values.detach().double() / scale).clamp(-127, 127)
    return whole.to(torch.int8), scale


class QuantisedLinear(nn.Module):
    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        rows, scales = zip(*map(quantise_tensor, linear.weight.detach()))
        self.register_buffer("weight", torch.stack(rows))
        self.register_buffer("scale", torch.tensor(scales, dtype=torch.float32))
        self.register_buffer("bias", None if linear.bias is None else linear.bias.detach().clone().float())

    def forward(self, inputs: Tensor) -> Tensor:
        whole, scale = quantise_tensor(inputs)
        outputs = torch.matmul(whole.to(torch.int32), self.weight.t().to(torch.int32)).float() * (self.scale * scale)
        return outputs if self.bias is None else outputs + self.bias


def quantise_model(model: nn.Module) -> nn.Module:
    if isinstance(model, nn.Linear):
        return QuantisedLinear(model)
    result = copy.deepcopy(model)
    for name, module in list(result.named_modules(remove_duplicate=False)):
        if isinstance(module, nn.Linear):
            result.set_submodule(name, QuantisedLinear(module))
    return result


def size_in_bytes(model: nn.Module) -> int:
    return sum(t.nbytes for t in chain(model.parameters(), model.buffers()))
