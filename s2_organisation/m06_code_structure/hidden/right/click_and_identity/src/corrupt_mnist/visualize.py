"""Draw what the network has learned: its features of the test digits in two dimensions."""

from __future__ import annotations

from pathlib import Path

import click
import sklearn.manifold
import torch

from . import drawing
from .data import PATH, MyDataset
from .model import MyAwesomeModel


def visualize(
    model_checkpoint, figure_name="embeddings.png", data_dir="data/processed", figure_dir="reports/figures"
) -> None:
    """Feed the features of the test digits to t-SNE and draw the result."""
    model = MyAwesomeModel()
    model.load_state_dict(torch.load(model_checkpoint))
    model.fc = torch.nn.Identity()  # what is left returns the features
    model.requires_grad_(False).eval()
    images, targets = MyDataset(data_dir, train=False).tensors
    features = model(images).numpy()
    tsne = sklearn.manifold.TSNE(2, perplexity=min(20, len(features) - 1))
    tsne.fit(features)
    drawing.scatter(tsne.embedding_.tolist(), targets.tolist(), Path(figure_dir) / figure_name)


@click.command()
@click.argument("model_checkpoint", type=PATH)
@click.option("--figure-name", default="embeddings.png")
@click.option("--data-dir", type=PATH, default="data/processed")
@click.option("--figure-dir", type=PATH, default="reports/figures")
def command(**options):
    """Draw the features of the test digits."""
    visualize(**options)


if __name__ == "__main__":
    command()
