"""Three functions that are right on paper. In floating point, or after an hour, each gets into trouble: mend them."""

from collections.abc import Iterable

import torch
from torch import nn


def cross_entropy(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the mean cross-entropy of logits [N, C] and targets, int64 [N]; finite for logits of any finite size."""
    log_probabilities = logits - logits.logsumexp(dim=1, keepdim=True)
    return -log_probabilities[torch.arange(len(targets)), targets].mean()


def clip_gradients(parameters: Iterable[nn.Parameter], max_norm: float) -> float:
    """Keep a step from exploding: shrink all gradients by one factor, so that their joint norm is at most max_norm.

    Gradients whose joint norm is smaller already stay as they are, and parameters without a gradient are passed over.
    Returns the joint norm (the root of the sum of all squares) from before.
    """
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    norm = sum(gradient.pow(2).sum().item() for gradient in gradients) ** 0.5
    if norm > max_norm:
        for gradient in gradients:
            gradient.mul_(max_norm / norm)
    return norm


def loss_history(model: nn.Module, batches: Iterable[tuple[torch.Tensor, torch.Tensor]]) -> list[float]:
    """Return the cross-entropy of each batch, to be plotted. Nothing else of a batch stays in memory."""
    history = []
    for images, targets in batches:
        history.append(nn.functional.cross_entropy(model(images), targets).detach())
    return history
