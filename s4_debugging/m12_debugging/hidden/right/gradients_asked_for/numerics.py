"""Three functions that stay out of trouble."""

from collections.abc import Iterable

import torch
from torch import nn


def cross_entropy(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    shifted = logits - logits.amax(dim=-1, keepdim=True).detach()
    return (shifted.exp().sum(-1).log() - shifted.take_along_dim(targets[:, None], dim=-1)[:, 0]).mean()


def clip_gradients(parameters: Iterable[nn.Parameter], max_norm: float) -> float:
    owners = [parameter for parameter in parameters if parameter.grad is not None]
    norm = float(torch.stack([owner.grad.norm() for owner in owners]).norm())
    if norm > max_norm:
        for owner in owners:
            owner.grad = owner.grad * (max_norm / norm)
    return norm


@torch.inference_mode()
def loss_history(model: nn.Module, batches: Iterable[tuple[torch.Tensor, torch.Tensor]]) -> list[float]:
    return [float(nn.functional.cross_entropy(model(images), targets)) for images, targets in batches]
