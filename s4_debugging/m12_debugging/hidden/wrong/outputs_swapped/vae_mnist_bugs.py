"""A variational autoencoder and its training."""

from collections.abc import Iterable

import torch
from torch import nn


class Encoder(nn.Module):
    """Maps images [N, input_dim] to the mean and the log-variance, [N, latent_dim] each, of a normal distribution."""

    def __init__(self, input_dim: int, hidden_dim: int, latent_dim: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(input_dim, hidden_dim)
        self.mean = nn.Linear(hidden_dim, latent_dim)
        self.log_var = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        hidden = torch.relu(self.hidden(x))
        return self.mean(hidden), self.log_var(hidden)


class Decoder(nn.Module):
    """Maps points of the latent space [N, latent_dim] to images [N, output_dim] with values between 0 and 1."""

    def __init__(self, latent_dim: int, hidden_dim: int, output_dim: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.output = nn.Linear(hidden_dim, output_dim)

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(self.output(torch.relu(self.hidden(z))))


class Model(nn.Module):
    """Maps images [N, D] to (x_hat, mean, log_var): what the decoder makes of a point drawn near each image's mean."""

    def __init__(self, encoder: Encoder, decoder: Decoder) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder

    def reparameterise(self, mean: torch.Tensor, log_var: torch.Tensor) -> torch.Tensor:
        """Draw from the normal distributions with these means and log-variances, so that gradients pass through."""
        noise = torch.randn_like(mean)
        return mean + torch.exp(0.5 * log_var) * noise

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        mean, log_var = self.encoder(x)
        return self.decoder(self.reparameterise(mean, log_var)), log_var, mean


def loss_function(x: torch.Tensor, x_hat: torch.Tensor, mean: torch.Tensor, log_var: torch.Tensor) -> torch.Tensor:
    """Return binary cross-entropy plus KL divergence to the standard normal distribution, summed over the batch."""
    reproduction = nn.functional.binary_cross_entropy(x_hat, x, reduction="sum")
    divergence = -0.5 * torch.sum(1 + log_var - mean.pow(2) - log_var.exp())
    return reproduction + divergence


def train_epoch(model: Model, batches: Iterable[torch.Tensor], optimizer: torch.optim.Optimizer) -> float:
    """Take one step of the optimiser for each batch of images [N, D]; return the mean loss per image."""
    total, images = 0.0, 0
    for x in batches:
        optimizer.zero_grad()
        loss = loss_function(x, *model(x))
        loss.backward()
        optimizer.step()
        total += loss.item()
        images += len(x)
    return total / images
