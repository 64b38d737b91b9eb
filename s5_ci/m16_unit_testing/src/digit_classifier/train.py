"""Training and evaluation."""

from collections.abc import Iterable

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

from digit_classifier.model import DigitClassifier

Batches = Iterable[tuple[torch.Tensor, torch.Tensor]]


def train_one_epoch(model: nn.Module, batches: Batches, optimizer: torch.optim.Optimizer) -> float:
    """Train on every batch once, in train mode.

    Returns:
        The mean cross-entropy over all images of the epoch, each image counted once, however big its batch was.
    """
    model.train()
    total, count = 0.0, 0
    for images, target in batches:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(images), target)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(target)
        count += len(target)
    return total / count


def accuracy(model: nn.Module, batches: Batches) -> float:
    """The fraction of images, from 0 to 1, whose largest logit is the right one.

    Dropout is off meanwhile; afterwards the model is in the mode (train or eval) in which it came.
    """
    was_training = model.training
    model.eval()
    correct, count = 0, 0
    with torch.no_grad():
        for images, target in batches:
            correct += int((model(images).argmax(1) == target).sum())
            count += len(target)
    model.train(was_training)
    return correct / count


def train(dataset: Dataset, epochs: int = 5, lr: float = 0.1, batch_size: int = 64, seed: int = 0) -> DigitClassifier:
    """Train a new model with SGD. The same seed gives the same weights, another seed gives others.

    Raises:
        ValueError: the learning rate is not above 0.
    """
    if lr <= 0:
        raise ValueError(f"Expected a learning rate above 0, got {lr}")
    torch.manual_seed(seed)
    model = DigitClassifier()
    loader = DataLoader(dataset, batch_size=batch_size, shuffle=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for _ in range(epochs):
        train_one_epoch(model, loader, optimizer)
    return model
