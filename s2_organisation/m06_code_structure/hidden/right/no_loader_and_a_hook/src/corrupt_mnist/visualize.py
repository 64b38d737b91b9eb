"""Draw what the network has learned: its features of the test digits in two dimensions."""

import argparse
from pathlib import Path

import numpy as np
import torch
from matplotlib.figure import Figure
from sklearn import manifold

from corrupt_mnist.data import MyDataset
from corrupt_mnist.evaluate import load_model
from corrupt_mnist.paths import FIGURES, PROCESSED, with_folder


class FeatureTap:
    """Keeps what enters a layer."""

    def __init__(self, layer):
        self.seen = []
        self.handle = layer.register_forward_pre_hook(lambda _, inputs: self.seen.append(inputs[0].numpy()))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.handle.remove()


@torch.no_grad()
def features_of(model, loader):
    targets = []
    with FeatureTap(model.fc) as tap:
        for images, target in loader:
            model(images)
            targets.append(target.numpy())
    return np.concatenate(tap.seen), np.concatenate(targets)


def visualize(model_checkpoint, figure_name="embeddings.png", data_dir=PROCESSED, figure_dir=FIGURES):
    loader = torch.utils.data.DataLoader(MyDataset(data_dir, train=False), batch_size=100)
    features, targets = features_of(load_model(model_checkpoint), loader)
    perplexity = min(30.0, (len(features) - 1) / 3)
    places = manifold.TSNE(perplexity=perplexity, init="random", random_state=1).fit_transform(features)
    figure = Figure(figsize=(7, 6), layout="tight")
    axes = figure.add_subplot()
    for digit in np.unique(targets):
        axes.scatter(*places[targets == digit].T, s=6, label=str(digit))
    axes.legend(title="digit")
    figure.savefig(with_folder(Path(figure_dir, figure_name)), format="png")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model_checkpoint", metavar="MODEL_CHECKPOINT", type=Path)
    parser.add_argument("--figure-name", default="embeddings.png")
    parser.add_argument("--data-dir", type=Path, default=PROCESSED)
    parser.add_argument("--figure-dir", type=Path, default=FIGURES)
    visualize(**vars(parser.parse_args()))
