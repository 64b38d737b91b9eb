"""Evaluate a trained classifier."""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from digits_classifier.data import load
from digits_classifier.model import logits

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def evaluate(
    model: Annotated[Path, typer.Argument()] = Path("models/model.npz"), data_dir: Path = Path("data")
) -> None:
    """Print the accuracy of MODEL on DATA_DIR/digits_test.npz."""
    pixels, labels = load(data_dir, "test")
    with np.load(model) as arrays:
        predictions = logits(pixels, arrays["weights"]).argmax(axis=1)
    print(f"Test accuracy: {(predictions == labels).mean():.4f}")


if __name__ == "__main__":
    app()
