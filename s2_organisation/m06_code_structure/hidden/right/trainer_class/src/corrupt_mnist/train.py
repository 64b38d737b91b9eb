"""Training as a class."""

from dataclasses import dataclass
from pathlib import Path

import matplotlib.pyplot as plt
import torch
import typer
from torch import nn, optim
from torch.utils.data import DataLoader

from .data import MyDataset
from .model import MyAwesomeModel
from .paths import ready

app = typer.Typer()


@dataclass
class Trainer:
    """Trains one model."""

    model: nn.Module
    optimizer: optim.Optimizer

    def epoch(self, loader: DataLoader) -> float:
        """Train on all batches; return the mean loss."""
        self.model.train()
        total = 0.0
        for images, targets in loader:
            loss = nn.CrossEntropyLoss()(self.model(images), targets)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            total += loss.item() * len(targets)
        return total / len(loader.dataset)


@app.command()
def train(
    data_dir: Path = Path("data/processed"),
    model_path: Path = Path("models/model.pth"),
    figure_path: Path = Path("reports/figures/training_statistics.png"),
    lr: float = 1e-3,
    batch_size: int = 32,
    epochs: int = 10,
) -> None:
    """Train."""
    model = MyAwesomeModel()
    trainer = Trainer(model, optim.AdamW(model.parameters(), lr=lr, weight_decay=0.01))
    loader = DataLoader(MyDataset(data_dir), batch_size, shuffle=True)
    history = [trainer.epoch(loader) for _ in range(epochs)]
    torch.save(model.state_dict(), ready(model_path))
    plt.plot(history)
    plt.savefig(ready(figure_path))


if __name__ == "__main__":
    app()
