"""Evaluation, batch by batch."""

from pathlib import Path

import torch
import typer
from torch.utils.data import DataLoader

from corrupt_mnist.data import MyDataset
from corrupt_mnist.model import MyAwesomeModel

app = typer.Typer()


@app.command()
def evaluate(model_checkpoint: Path, data_dir: Path = Path("data/processed")) -> float:
    """Evaluate."""
    model = MyAwesomeModel().eval()
    model.load_state_dict(torch.load(model_checkpoint, map_location="cpu"))
    correct = total = 0
    with torch.no_grad():
        for images, targets in DataLoader(MyDataset(data_dir, train=False), batch_size=32):
            correct += int((model(images).softmax(-1).max(-1).indices == targets).sum())
            total += len(targets)
    typer.echo(f"Loaded {model_checkpoint}\nTest accuracy: {correct / total:.4f}")
    return correct / total


if __name__ == "__main__":
    app()
