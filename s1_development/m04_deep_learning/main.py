"""Train and evaluate the network from the command line.

python main.py train --lr 1e-3 --batch-size 32 --epochs 10
python main.py evaluate model.pth
"""

from pathlib import Path

import typer

app = typer.Typer(help=__doc__)


@app.command()
def train(lr: float = 1e-3, batch_size: int = 32, epochs: int = 10) -> None:
    """Train on the training set; write `model.pth` and `training_statistics.png` to the current folder."""
    raise NotImplementedError("TODO: train, save the weights and plot the loss")


@app.command()
def evaluate(model: Path) -> None:
    """Print `Test accuracy: x` of the weights saved in the file MODEL, over the test set."""
    raise NotImplementedError("TODO: load the weights and print the test accuracy")


if __name__ == "__main__":
    app()
