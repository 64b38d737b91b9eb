"""The training whose settings are searched for. Given: there is nothing to do here."""

from typing import Literal

import torch
from data import Digits
from torch import nn

EPOCHS = 5
BATCH_SIZE = 64


class Classifier:
    """A network with one hidden layer, and its optimizer."""

    def __init__(
        self,
        lr: float,
        hidden: int,
        dropout: float,
        optimizer: Literal["sgd", "adam"],
        momentum: float = 0.0,
        seed: int = 0,
    ) -> None:
        """`momentum` is for SGD only. Raises ValueError for another optimizer."""
        self._random = torch.Generator().manual_seed(seed)
        torch.manual_seed(seed)
        self.network = nn.Sequential(
            nn.AvgPool2d(2), nn.Flatten(), nn.Linear(196, hidden), nn.ReLU(), nn.Dropout(dropout), nn.Linear(hidden, 10)
        )
        parameters = self.network.parameters()
        if optimizer == "sgd":
            self.optimizer: torch.optim.Optimizer = torch.optim.SGD(parameters, lr=lr, momentum=momentum)
        elif optimizer == "adam":
            self.optimizer = torch.optim.Adam(parameters, lr=lr)
        else:
            raise ValueError(f"Expected sgd or adam, got {optimizer}")

    def fit_epoch(self, data: Digits) -> None:
        """Train on all of the data once. Raises FloatingPointError when the loss is no longer a finite number."""
        self.network.train()
        for rows in torch.randperm(len(data.target), generator=self._random).split(BATCH_SIZE):
            loss = nn.functional.cross_entropy(self.network(data.images[rows]), data.target[rows])
            if not loss.isfinite():
                raise FloatingPointError(f"the loss is {loss.item()}")
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()

    @torch.no_grad()
    def accuracy(self, data: Digits) -> float:
        """The fraction of the data that the network gets right."""
        self.network.eval()
        return (self.network(data.images).argmax(1) == data.target).float().mean().item()
