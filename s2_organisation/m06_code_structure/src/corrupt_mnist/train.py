"""Train the network on the processed digits."""

from pathlib import Path

import typer


def train(
    data_dir: Path = Path("data/processed"),
    model_path: Path = Path("models/model.pth"),
    figure_path: Path = Path("reports/figures/training_statistics.png"),
    lr: float = 1e-3,
    batch_size: int = 32,
    epochs: int = 10,
) -> None:
    """Train on every digit of the training set in each epoch; write the model's state dict and a plot of the loss.

    The optimiser is Adam, or one like it. Folders that do not exist are made.
    """
    raise NotImplementedError("TODO: train the model, save its state dict and a figure")


if __name__ == "__main__":
    typer.run(train)
