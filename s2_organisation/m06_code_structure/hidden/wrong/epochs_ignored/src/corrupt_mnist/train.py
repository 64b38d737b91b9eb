"""Train the network on the processed digits."""

from pathlib import Path

import matplotlib.pyplot as plt
import torch
import typer
from torch.utils.data import DataLoader

from corrupt_mnist.data import MyDataset
from corrupt_mnist.model import MyAwesomeModel


def train(
    data_dir: Path = Path("data/processed"),
    model_path: Path = Path("models/model.pth"),
    figure_path: Path = Path("reports/figures/training_statistics.png"),
    lr: float = 1e-3,
    batch_size: int = 32,
    epochs: int = 10,
) -> None:
    """Train on every digit of the training set in each epoch; write the model's state dict and a plot of the loss."""
    model = MyAwesomeModel()
    loader = DataLoader(MyDataset(data_dir, train=True), batch_size=batch_size, shuffle=True)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for _ in range(10):
        for images, target in loader:
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(model(images), target)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())

    model_path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(model.state_dict(), model_path)
    figure, axes = plt.subplots()
    axes.plot(losses)
    axes.set(xlabel="step", ylabel="training loss")
    figure_path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(figure_path)


if __name__ == "__main__":
    typer.run(train)
