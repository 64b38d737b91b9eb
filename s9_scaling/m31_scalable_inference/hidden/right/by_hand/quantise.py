"""Whole numbers in doubles, which hold them exactly."""

import copy

import torch
from torch import nn


def quantise_tensor(values):
    largest = float(values.abs().max())
    scale = largest / 127 if largest > 0 else 1.0
    numbers = values.div(scale).round().clamp(-127, 127)
    return numbers.char(), scale


class QuantisedLinear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        weight = linear.weight.data
        largest = weight.abs().max(dim=1).values
        scale = torch.where(largest > 0, largest / 127, torch.ones_like(largest))
        self.register_buffer("scale", scale)
        self.register_buffer("weight", torch.round(weight / scale.unsqueeze(1)).to(torch.int8))
        self.register_buffer("bias", linear.bias.data.clone() if linear.bias is not None else None)

    def forward(self, inputs):
        numbers, scale = quantise_tensor(inputs)
        product = nn.functional.linear(numbers.double(), self.weight.double())
        result = (product * scale).float() * self.scale
        if self.bias is not None:
            result = result + self.bias
        return result


def quantise_model(model):
    model = copy.deepcopy(model)
    if isinstance(model, nn.Linear):
        return QuantisedLinear(model)
    for name, module in list(model.named_modules()):
        if isinstance(module, nn.Linear):
            parent, _, last = name.rpartition(".")
            model.get_submodule(parent).register_module(last, QuantisedLinear(module))
    return model


def size_in_bytes(model):
    size = 0
    for tensor in model.state_dict().values():
        size += tensor.numel() * tensor.element_size()
    return size
