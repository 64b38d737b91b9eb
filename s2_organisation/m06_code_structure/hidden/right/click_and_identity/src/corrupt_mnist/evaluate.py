"""Measure a trained network on the test set."""

from __future__ import annotations

import click
import torch
from torch.utils.data import DataLoader

from .data import PATH, MyDataset
from .model import MyAwesomeModel


def evaluate(model_checkpoint, data_dir="data/processed") -> float:
    """Print and return the accuracy on the test set."""
    model = MyAwesomeModel()
    model.load_state_dict(torch.load(model_checkpoint))
    model.train(False)
    hits = torch.zeros((), dtype=torch.long)
    digits = MyDataset(data_dir, train=False)
    with torch.no_grad():
        for images, targets in DataLoader(digits, batch_size=77):
            hits += torch.eq(model(images).max(dim=1).indices, targets).sum()
    accuracy = hits.item() / len(digits)
    click.echo(f"Test accuracy: {accuracy:.4f}")
    return accuracy


@click.command()
@click.argument("model_checkpoint", type=PATH)
@click.option("--data-dir", type=PATH, default="data/processed", show_default=True)
def command(model_checkpoint, data_dir):
    """Measure a checkpoint."""
    evaluate(model_checkpoint, data_dir)


if __name__ == "__main__":
    command()
