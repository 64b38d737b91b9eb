"""Weights and activations in eight bits."""

import torch
from torch import Tensor, nn


def quantise_tensor(values: Tensor) -> tuple[Tensor, float]:
    """Symmetric quantisation: whole numbers `q` and a scale such that `q * scale` is about `values`.

    Returns:
        `q`, int8 between -127 and 127, rounded to nearest; and the scale with which the largest absolute value becomes
        127 (1.0 when all values are zero).
    """
    raise NotImplementedError("TODO: quantise")


class QuantisedLinear(nn.Module):
    """A linear layer that keeps its weights in int8 and multiplies whole numbers.

    Buffers:
        weight: int8 [out, in], each row with a scale of its own.
        scale: float32 [out], the scales of the rows.
        bias: float32 [out], or None.
    """

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        raise NotImplementedError("TODO: quantise the weights row by row")

    def forward(self, inputs: Tensor) -> Tensor:
        """[..., in] to [..., out]: quantise `inputs` as one tensor, multiply as integers, scale back, add the bias."""
        raise NotImplementedError("TODO: multiply")


def quantise_model(model: nn.Module) -> nn.Module:
    """A copy of `model` with a `QuantisedLinear` in place of each `nn.Linear`, at any depth. `model` stays as it is."""
    raise NotImplementedError("TODO: replace the linear layers")


def size_in_bytes(model: nn.Module) -> int:
    """The bytes that all parameters and buffers of `model` take."""
    raise NotImplementedError("TODO: add them up")


if __name__ == "__main__":
    from lenet import LeNet

    lenet = LeNet()
    print(size_in_bytes(lenet), "->", size_in_bytes(quantise_model(lenet)))
    print((lenet(torch.ones(1, 1, 28, 28)) - quantise_model(lenet)(torch.ones(1, 1, 28, 28))).abs().max())
