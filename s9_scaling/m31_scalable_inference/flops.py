"""Count what a forward pass costs."""

from torch import nn


def count_flops(model: nn.Module, input_shape: tuple[int, ...]) -> int:
    """Floating point operations of a forward pass for an input of zeros of `input_shape` (with its batch dimension).

    A multiplication and an addition are two operations. Counted are the products of all Conv2d and Linear layers, as
    often as each is called; biases, activations, pooling and normalisation are not.

    The model is left as it was: weights, buffers, mode, hooks.
    """
    raise NotImplementedError("TODO: count")
