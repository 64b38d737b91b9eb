"""Train the network on the processed digits."""

from __future__ import annotations

from pathlib import Path

import click
import torch
from torch import nn
from torch.utils.data import BatchSampler, DataLoader, RandomSampler

from . import drawing
from .data import PATH, MyDataset
from .model import MyAwesomeModel


def train(
    data_dir="data/processed",
    model_path="models/model.pth",
    figure_path="reports/figures/training_statistics.png",
    lr=0.001,
    batch_size=32,
    epochs=10,
):
    """Train on every digit once an epoch."""
    digits = MyDataset(data_dir, True)
    # The sampler gives whole batches, and the data set is asked for a whole batch at once.
    batches = DataLoader(digits, sampler=BatchSampler(RandomSampler(digits), batch_size, drop_last=False), batch_size=None)
    model = MyAwesomeModel()
    criterion = nn.NLLLoss()
    optimiser = torch.optim.NAdam([{"params": list(model.parameters()), "lr": lr}])
    mean_losses = []
    for _ in range(epochs):
        total = 0.0
        for images, targets in batches:
            optimiser.zero_grad()
            loss = criterion(model(images).log_softmax(-1), targets)
            loss.backward()
            optimiser.step()
            total += loss.item() * len(targets)
        mean_losses.append(total / len(digits))
        click.echo(f"loss {mean_losses[-1]:.4f}")
    Path(model_path).parent.mkdir(parents=True, exist_ok=True)
    with open(model_path, "wb") as file:
        torch.save(model.state_dict(), file)
    drawing.curve(mean_losses, figure_path)


@click.command(context_settings={"show_default": True})
@click.option("--epochs", "-e", default=10)
@click.option("--batch-size", "-b", default=32)
@click.option("--lr", default=0.001)
@click.option("--figure-path", type=PATH, default="reports/figures/training_statistics.png")
@click.option("--model-path", type=PATH, default="models/model.pth")
@click.option("--data-dir", type=PATH, default="data/processed")
def command(**options):
    """Train the network."""
    train(**options)


if __name__ == "__main__":
    command()
