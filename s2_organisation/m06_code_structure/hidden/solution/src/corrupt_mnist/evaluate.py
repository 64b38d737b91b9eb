"""Measure a trained network on the test set."""

from pathlib import Path

import torch
import typer

from corrupt_mnist.data import MyDataset
from corrupt_mnist.model import MyAwesomeModel


@torch.inference_mode()
def evaluate(model_checkpoint: Path, data_dir: Path = Path("data/processed")) -> float:
    """Print `Test accuracy: x`, where x is the fraction of test digits that are classified correctly; return x."""
    model = MyAwesomeModel()
    model.load_state_dict(torch.load(model_checkpoint))
    model.eval()
    test_set = MyDataset(data_dir, train=False)
    predictions = model(test_set.images).argmax(dim=1)
    accuracy = (predictions == test_set.target).float().mean().item()
    print(f"Test accuracy: {accuracy}")
    return accuracy


if __name__ == "__main__":
    typer.run(evaluate)
