"""What a training is, as far as the checks know it, and one of them: digits. Given. Do not change this file.

`Training` is the contract. Whatever has these seven methods can be checked, whatever it learns from: images, sounds,
tables or words. Your checks call these methods and count on nothing else.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor, nn

from mlops_course.digits import CLASSES, digit_tensors

Batch = tuple[Tensor, Tensor]
"""Inputs [B, ...], and for each of them the number of its class, int64 [B]."""


class Training(Protocol):
    """All that belongs to one training: its model, its data, its steps, its checkpoints."""

    def make_model(self) -> nn.Module:
        """Return a new model with weights drawn anew. It maps inputs [B, ...] to logits [B, classes]."""

    def make_optimizer(self, model: nn.Module) -> torch.optim.Optimizer:
        """Return the optimiser of this model."""

    def make_loader(self, train: bool) -> Iterable[Batch]:
        """Return the batches of one epoch: of the training set, or else of the validation set.

        There may be very many, in an order that is drawn anew for each loader, to be gone through once.
        """

    def step(self, model: nn.Module, optimizer: torch.optim.Optimizer, batch: Batch) -> float:
        """Update the model once, by this batch, and return the batch's mean loss before the update.

        The model stays in the mode in which it is: this method never calls `train()` or `eval()`.
        """

    def evaluate(self, model: nn.Module, batches: Iterable[Batch]) -> float:
        """Return the mean loss over all inputs of these batches, in eval mode.

        Changes nothing of the model, and leaves it in the mode in which it came.
        """

    def save(self, model: nn.Module, path: Path) -> None:
        """Write the model to a file."""

    def load(self, path: Path) -> nn.Module:
        """Return a new model that is the one in the file, in train or in eval mode."""


class DigitsTraining:
    """A right one, to try your checks on: a small network with dropout learns the digits."""

    def __init__(self, batch_size: int = 32, lr: float = 0.003) -> None:
        self.batch_size, self.lr = batch_size, lr

    def make_model(self) -> nn.Module:
        return nn.Sequential(
            nn.Flatten(), nn.Linear(28 * 28, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Dropout(0.5), nn.Linear(64, CLASSES)
        )

    def make_optimizer(self, model: nn.Module) -> torch.optim.Optimizer:
        return torch.optim.Adam(model.parameters(), lr=self.lr)

    def make_loader(self, train: bool) -> Iterator[Batch]:
        images, targets = digit_tensors("train" if train else "test")
        order = torch.randperm(len(targets))
        return iter([(images[rows], targets[rows]) for rows in order.split(self.batch_size)])

    def step(self, model: nn.Module, optimizer: torch.optim.Optimizer, batch: Batch) -> float:
        images, targets = batch
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(images), targets)
        loss.backward()
        optimizer.step()
        return loss.item()

    def evaluate(self, model: nn.Module, batches: Iterable[Batch]) -> float:
        mode = model.training
        model.eval()
        total, count = 0.0, 0
        with torch.no_grad():
            for images, targets in batches:
                total += nn.functional.cross_entropy(model(images), targets, reduction="sum").item()
                count += len(targets)
        model.train(mode)
        return total / count

    def save(self, model: nn.Module, path: Path) -> None:
        torch.save(model.state_dict(), path)

    def load(self, path: Path) -> nn.Module:
        model = self.make_model()
        model.load_state_dict(torch.load(path))
        return model
