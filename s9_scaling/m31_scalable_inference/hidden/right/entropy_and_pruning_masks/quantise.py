"""Weights and activations in eight bits."""

import copy

import numpy as np
import torch
from torch import nn


def quantise_tensor(values):
    array = values.detach().cpu().numpy().astype(np.float64)
    top = float(np.max(np.abs(array), initial=0.0))
    scale = top / 127 if top > 0 else 1.0
    return torch.from_numpy(np.asarray(np.rint(array / scale).astype(np.int8))), scale


class QuantisedLinear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        with torch.no_grad():
            top = linear.weight.double().abs().amax(1)
            scale = torch.where(top > 0, top / 127, torch.ones_like(top))
            self.register_buffer("weight", (linear.weight.double() / scale[:, None]).round().to(torch.int8))
            self.register_buffer("scale", scale.float())
            self.register_buffer("bias", linear.bias.float().clone() if linear.bias is not None else None)

    def forward(self, inputs):
        q, s = quantise_tensor(inputs)
        product = torch.einsum("...i,oi->...o", q.long(), self.weight.long())
        result = product * self.scale * s
        if self.bias is not None:
            result = result + self.bias
        return result


def _replace(parent):
    for name, child in parent.named_children():
        if isinstance(child, nn.Linear):
            setattr(parent, name, QuantisedLinear(child))
        else:
            _replace(child)


def quantise_model(model):
    box = nn.ModuleList([copy.deepcopy(model)])
    _replace(box)
    return box[0]


def size_in_bytes(model):
    total = 0
    for group in (model.parameters(), model.buffers()):
        for tensor in group:
            total += tensor.numel() * tensor.element_size()
    return total
