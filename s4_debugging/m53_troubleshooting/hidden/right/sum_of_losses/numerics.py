"""Numbers that are none: where do they come from, and how does one get a spread right?"""

import math
from collections.abc import Iterable
from typing import Any

import torch
from shapes import tensors_in, untouched
from torch import nn


def finite(value: Any) -> bool:
    return all(bool(torch.isfinite(tensor).all()) for tensor in tensors_in(value))


def first_not_finite(model: nn.Module, batch: torch.Tensor) -> str | None:
    """Return the name of the module that makes NaN or infinity out of finite numbers, the first to do so."""
    if not finite(batch):
        raise ValueError("the batch itself is not finite")
    names = {module: name for name, module in model.named_modules()}
    under_way: list[tuple[nn.Module, bool]] = []
    guilty: list[str] = []

    def enter(module: nn.Module, args: tuple) -> None:
        under_way.append((module, finite(args)))  # before the module may change them in place

    def leave(module: nn.Module, _args: tuple, output: Any) -> None:
        while True:
            other, was_finite = under_way.pop()
            if other is module:
                break
        if was_finite and not finite(output):
            guilty.append(names[module])

    with untouched(model) as handles:
        for module in names:
            handles.append(module.register_forward_pre_hook(enter))
            handles.append(module.register_forward_hook(leave))
        model(batch.clone())
    return guilty[0] if guilty else None


def moments(batch: torch.Tensor) -> tuple[int, float, float]:
    """Count, mean, and sum of squared distances from the mean, of one batch in double precision."""
    values = batch.detach().to(torch.float64).flatten()
    if not len(values):
        return 0, 0.0, 0.0
    first = values[0].item()
    values = values - first  # small numbers, if the spread is small
    centre = values.mean()
    return len(values), first + centre.item(), (values - centre).square().sum().item()


def mean_and_std(batches: Iterable[torch.Tensor]) -> tuple[float, float]:
    """Return mean and standard deviation of all values of all batches, which can be read once only."""
    count, mean, squares = 0, 0.0, 0.0
    for batch in batches:
        n, other_mean, other_squares = moments(batch)
        del batch
        if n == 0:
            continue
        apart = other_mean - mean
        together = count + n
        squares += other_squares + apart * apart * count * n / together
        mean = other_mean if count == 0 else mean + apart * n / together
        count = together
    if count == 0:
        raise ValueError("there is no batch")
    return mean, math.sqrt(squares / count)
