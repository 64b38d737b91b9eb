"""Train the classifier. The API key for experiment tracking comes from the environment, when the program runs."""

import os
from pathlib import Path

import numpy as np
import typer

from digits_classifier.data import load
from digits_classifier.model import CLASSES, loss_and_gradient

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def train(
    epochs: int = 5,
    lr: float = 0.1,
    data_dir: Path = Path("data"),
    model: Path = Path("models/model.npz"),
) -> None:
    """Read DATA_DIR/digits_train.npz, train, and write the weights to MODEL."""
    pixels, labels = load(data_dir, "train")
    print("tracking is", "on" if os.environ.get("WANDB_API_KEY") else "off: no WANDB_API_KEY")
    weights = np.zeros((pixels.shape[1], CLASSES))
    for epoch in range(epochs):
        loss, gradient = loss_and_gradient(pixels, labels, weights)
        weights -= lr * gradient
        print(f"epoch {epoch}: loss {loss:.3f}")
    model.parent.mkdir(parents=True, exist_ok=True)
    np.savez(model, weights=weights, epochs=epochs, lr=lr)
    print(f"wrote {model}")


if __name__ == "__main__":
    app()
