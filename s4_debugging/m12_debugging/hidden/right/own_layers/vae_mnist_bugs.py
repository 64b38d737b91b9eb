"""A variational autoencoder, rebuilt from the docstrings: one network for both halves of what the encoder says."""

from collections.abc import Iterable
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import nn


def perceptron(*sizes: int) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for before, after in pairwise(sizes):
        layers += [nn.Linear(before, after), nn.ReLU()]
    return layers[:-1]


class Encoder(nn.Sequential):
    def __init__(self, input_dim: int, hidden_dim: int, latent_dim: int) -> None:
        super().__init__(*perceptron(input_dim, hidden_dim, 2 * latent_dim))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        mean, log_var = super().forward(x).tensor_split(2, dim=1)
        return mean, log_var


class Decoder(nn.Sequential):
    def __init__(self, latent_dim: int, hidden_dim: int, output_dim: int) -> None:
        super().__init__(*perceptron(latent_dim, hidden_dim, output_dim), nn.Sigmoid())


class Model(nn.Module):
    def __init__(self, encoder: Encoder, decoder: Decoder) -> None:
        super().__init__()
        self.parts = nn.ModuleDict({"in": encoder, "out": decoder})

    def reparameterise(self, mean: torch.Tensor, log_var: torch.Tensor) -> torch.Tensor:
        return mean + mean.new_empty(mean.shape).normal_() * (log_var / 2).exp()

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        mean, log_var = self.parts["in"](x)
        z = self.reparameterise(mean, log_var)
        return self.parts["out"](z), mean, log_var


def loss_function(x: torch.Tensor, x_hat: torch.Tensor, mean: torch.Tensor, log_var: torch.Tensor) -> torch.Tensor:
    divergence = (mean.square() + log_var.exp() - log_var - 1).sum() / 2
    return F.binary_cross_entropy(x_hat, x, reduction="none").sum() + divergence


def train_epoch(model: Model, batches: Iterable[torch.Tensor], optimizer: torch.optim.Optimizer) -> float:
    model.train()
    seen: list[tuple[float, int]] = []
    for x in batches:

        def closure(x: torch.Tensor = x) -> torch.Tensor:
            optimizer.zero_grad(set_to_none=False)
            loss = loss_function(x, *model(x))
            loss.backward()
            return loss

        seen.append((float(optimizer.step(closure)), x.size(0)))
    return sum(loss for loss, _ in seen) / sum(size for _, size in seen)
