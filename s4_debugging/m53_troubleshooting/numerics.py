"""Numbers that are none: where do they come from, and how does one get a spread right?"""

from collections.abc import Iterable

import torch
from torch import nn


def first_not_finite(model: nn.Module, batch: torch.Tensor) -> str | None:
    """Return the name of the module that makes NaN or infinity out of finite numbers, the first to do so.

    That is a module with finite tensors only for its positional inputs, and one that is not among its outputs. A module
    may return a tuple or a list of tensors: all count. Where it is true of a module and of one inside it, the inner
    one is named; "" is the model itself. Returns None if there is none. Raises ValueError if the batch is not finite.
    The model is called once, in the mode that it is in, and stays as it was.
    """
    raise NotImplementedError("TODO: find the first module that makes numbers not finite")


def mean_and_std(batches: Iterable[torch.Tensor]) -> tuple[float, float]:
    """Return mean and standard deviation of all values of all batches, which can be read once only.

    The standard deviation is the root of the mean squared distance from the mean. Right to four digits even where it is
    a billionth of the mean (float64), or a thousandth (float32). One batch is in memory at a time. Raises
    ValueError if there is no batch.
    """
    raise NotImplementedError("TODO: mean and standard deviation in one pass")
