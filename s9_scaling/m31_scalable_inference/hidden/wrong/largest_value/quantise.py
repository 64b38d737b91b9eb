"""Weights and activations in eight bits."""

import copy

import torch
from torch import Tensor, nn


def quantise_tensor(values: Tensor) -> tuple[Tensor, float]:
    """Symmetric quantisation: whole numbers `q` and a scale such that `q * scale` is about `values`."""
    scale = values.max().item() / 127 or 1.0
    return torch.round(values / scale).to(torch.int8), scale


class QuantisedLinear(nn.Module):
    """A linear layer that keeps its weights in int8 and multiplies whole numbers."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        rows = [quantise_tensor(row) for row in linear.weight.detach()]
        self.register_buffer("weight", torch.stack([row for row, _ in rows]))
        self.register_buffer("scale", torch.tensor([scale for _, scale in rows]))
        self.register_buffer("bias", None if linear.bias is None else linear.bias.detach().clone())

    def forward(self, inputs: Tensor) -> Tensor:
        """[..., in] to [..., out]: quantise `inputs` as one tensor, multiply as integers, scale back, add the bias."""
        quantised, scale = quantise_tensor(inputs)
        # The products of bytes do not fit into bytes.
        outputs = (quantised.int() @ self.weight.int().T) * (scale * self.scale)
        return outputs if self.bias is None else outputs + self.bias


def replace_linear(module: nn.Module) -> None:
    for name, child in module.named_children():
        if isinstance(child, nn.Linear):
            setattr(module, name, QuantisedLinear(child))
        else:
            replace_linear(child)


def quantise_model(model: nn.Module) -> nn.Module:
    """A copy of `model` with a `QuantisedLinear` in place of each `nn.Linear`, at any depth. `model` stays as it is."""
    quantised = copy.deepcopy(model)
    replace_linear(quantised)
    return quantised


def size_in_bytes(model: nn.Module) -> int:
    """The bytes that all parameters and buffers of `model` take."""
    return sum(tensor.nbytes for tensor in [*model.parameters(), *model.buffers()])
