"""Numbers that are none: where do they come from, and how does one get a spread right?"""

from collections.abc import Iterable

import numpy as np
import torch
from torch import nn
from torch.utils import _pytree as pytree


def all_finite(tree) -> bool:
    leaves = pytree.tree_leaves(tree)
    return not any(torch.is_tensor(leaf) and not leaf.isfinite().all().item() for leaf in leaves)


class Witness:
    """Sees one module: notes at each call whether it was given finite numbers, and reports if others came out."""

    def __init__(self, name: str, reports: list[str]) -> None:
        self.name, self.reports, self.calls = name, reports, []

    def before(self, module: nn.Module, args: tuple) -> None:
        self.calls.append(all_finite(args))

    def after(self, module: nn.Module, args: tuple, output: object) -> None:
        if self.calls.pop() and not all_finite(output):
            self.reports.append(self.name)


def first_not_finite(model: nn.Module, batch: torch.Tensor) -> str | None:
    """Return the name of the module that makes NaN or infinity out of finite numbers, the first to do so."""
    if not all_finite(batch):
        raise ValueError("NaN or infinity is in the batch")
    reports: list[str] = []
    handles = []
    state = [(tensor, tensor.detach().clone()) for tensor in model.buffers()]
    try:
        for name, module in model.named_modules():
            witness = Witness(name, reports)
            handles += [
                module.register_forward_pre_hook(witness.before),
                module.register_forward_hook(witness.after, always_call=True),
            ]
        with torch.no_grad():
            model(batch)
    finally:
        for handle in handles:
            handle.remove()
        for tensor, before in state:
            tensor.data.copy_(before)
    return next(iter(reports), None)


class Spread:
    """Chan, Golub and LeVeque: count, mean and the sum of squares about it, of what has been seen."""

    def __init__(self) -> None:
        self.n = 0
        self.mean = self.m2 = np.longdouble(0)

    def see(self, values: np.ndarray) -> None:
        values = values.astype(np.longdouble).ravel()
        mean = values.mean()
        m2 = np.square(values - mean).sum()
        delta, total = mean - self.mean, self.n + values.size
        self.m2 += m2 + delta**2 * self.n / total * values.size
        self.mean += delta * values.size / total
        self.n = total


def mean_and_std(batches: Iterable[torch.Tensor]) -> tuple[float, float]:
    """Return mean and standard deviation of all values of all batches, which can be read once only."""
    spread, iterator, end = Spread(), iter(batches), object()
    while True:
        batch = next(iterator, end)
        if batch is end:
            break
        if batch.numel():
            spread.see(batch.detach().cpu().double().numpy())
        del batch
    if not spread.n:
        raise ValueError("no batch, no mean")
    return float(spread.mean), float(np.sqrt(spread.m2 / spread.n))
