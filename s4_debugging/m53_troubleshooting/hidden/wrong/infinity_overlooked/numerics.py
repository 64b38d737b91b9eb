"""Numbers that are none: where do they come from, and how does one get a spread right?"""

import copy
from collections.abc import Iterable
from typing import Any

import torch
from torch import nn


def all_finite(values: Any) -> bool:
    if isinstance(values, torch.Tensor):
        return not torch.isnan(values).any()
    if isinstance(values, (tuple, list)):
        return all(all_finite(value) for value in values)
    return True


def first_not_finite(model: nn.Module, batch: torch.Tensor) -> str | None:
    """Return the name of the module that makes NaN or infinity out of finite numbers, the first to do so."""
    if not all_finite(batch):
        raise ValueError("the batch itself is not finite: look at where it comes from")
    model = copy.deepcopy(model)  # hooks and running means: all on the copy
    culprits: list[str] = []
    entered: list[bool] = []

    for name, module in model.named_modules():

        def begin(_: nn.Module, inputs: Any) -> None:
            entered.append(all_finite(inputs))  # now: the module may change them in place

        def end(_: nn.Module, __: Any, output: Any, name: str = name) -> None:
            if entered.pop() and not all_finite(output):
                culprits.append(name)

        module.register_forward_pre_hook(begin)
        module.register_forward_hook(end)
    with torch.no_grad():
        model(batch)
    return culprits[0] if culprits else None


def mean_and_std(batches: Iterable[torch.Tensor]) -> tuple[float, float]:
    """Return mean and standard deviation of all values of all batches, which can be read once only."""
    count, mean, squares = 0, 0.0, 0.0
    for batch in batches:
        values = batch.double()
        size, centre = values.numel(), values.mean().item()
        distance = centre - mean
        squares += (values - centre).square().sum().item() + distance**2 * count * size / (count + size)
        count += size
        mean += distance * size / count
    if count == 0:
        raise ValueError("there is no batch, and so no mean")
    return mean, (squares / count) ** 0.5
