"""Measure a trained network on the test set."""

from pathlib import Path

import typer


def evaluate(model_checkpoint: Path, data_dir: Path = Path("data/processed")) -> float:
    """Print `Test accuracy: x`, where x is the fraction of test digits that are classified correctly; return x."""
    raise NotImplementedError("TODO: compute, print and return the accuracy on the test set")


if __name__ == "__main__":
    typer.run(evaluate)
