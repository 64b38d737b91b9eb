"""Measure a trained network on the test set."""

import argparse
from pathlib import Path

import torch

from corrupt_mnist.data import MyDataset
from corrupt_mnist.model import MyAwesomeModel
from corrupt_mnist.paths import PROCESSED


def load_model(checkpoint):
    """The network in evaluation mode, with the weights of a checkpoint."""
    model = MyAwesomeModel()
    model.load_state_dict(torch.load(checkpoint, map_location="cpu"))
    return model.eval()


@torch.inference_mode()
def evaluate(model_checkpoint, data_dir=PROCESSED):
    model = load_model(model_checkpoint)
    right = [int(model(image[None]).argmax()) == int(target) for image, target in MyDataset(data_dir, train=False)]
    accuracy = sum(right) / len(right)
    print("Test accuracy:", accuracy)
    return accuracy


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model_checkpoint", metavar="MODEL_CHECKPOINT", type=Path)
    parser.add_argument("--data-dir", metavar="DIR", type=Path, default=PROCESSED)
    options = parser.parse_args()
    evaluate(options.model_checkpoint, options.data_dir)
