"""Which shape goes where? Hooks tell, and on the meta device the answer costs no memory and no time."""

from torch import nn


def trace_shapes(model: nn.Module, input_shape: tuple[int, ...]) -> list[tuple[str, tuple[int, ...]]]:
    """Return name and output shape of each call of each module inside `model`, in the order in which calls return.

    The model itself has no entry. Names are those of `named_modules()`. Of a tuple the first tensor counts. The model
    is called once, in evaluation mode, with zeros [*input_shape] that have the device and the type of its first
    parameter (float32 on the CPU if it has none), and stays as it was. What the model raises passes through.
    """
    raise NotImplementedError("TODO: trace the shapes")


def first_mismatch(model: nn.Module, input_shape: tuple[int, ...]) -> tuple[str, tuple[int, ...]] | None:
    """Return the name of the innermost module in whose forward the pass broke off, and the shape of its first input.

    The name is "" where the model's own forward is to blame. Returns None if all shapes fit. PyTorch reports shapes as
    RuntimeError, ValueError or IndexError; any other exception passes through. Called as in `trace_shapes`.
    """
    raise NotImplementedError("TODO: find the module that the shapes do not fit")
