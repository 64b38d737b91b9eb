"""Train and evaluate the network from the command line.

python main.py train --lr 1e-3 --batch-size 32 --epochs 10
python main.py evaluate model.pth
"""

from pathlib import Path

import matplotlib.pyplot as plt
import torch
import typer
from data import corrupt_mnist
from model import MyAwesomeModel
from torch import nn
from torch.utils.data import DataLoader

from mlops_course.device import choose_device

app = typer.Typer(help=__doc__)


@app.command()
def train(lr: float = 1e-3, batch_size: int = 32, epochs: int = 10) -> None:
    """Train on the training set; write `model.pth` and `training_statistics.png` to the current folder."""
    device = choose_device()
    model = MyAwesomeModel().to(device)
    train_set, _ = corrupt_mnist()
    loader = DataLoader(train_set, batch_size=batch_size, shuffle=True)
    loss_fn = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    model.train()
    for epoch in range(epochs):
        for images, targets in loader:
            loss = loss_fn(model(images.to(device)), targets.to(device))
            weights = list(model.parameters())
            for weight, gradient in zip(weights, torch.autograd.grad(loss, weights), strict=True):
                weight.grad = gradient if weight.grad is None else weight.grad + gradient
            optimizer.step()
            losses.append(loss.item())
        print(f"Epoch {epoch}: loss {loss.item():.4f}")
    torch.save(model.state_dict(), "model.pth")
    plt.plot(losses)
    plt.xlabel("step")
    plt.ylabel("loss")
    plt.savefig("training_statistics.png")


@app.command()
def evaluate(model: Path) -> None:
    """Print `Test accuracy: x` of the weights saved in the file MODEL, over the test set."""
    device = choose_device()
    network = MyAwesomeModel().to(device)
    network.load_state_dict(torch.load(model, map_location=device))
    network.eval()
    _, test_set = corrupt_mnist()
    correct = 0
    with torch.inference_mode():
        for images, targets in DataLoader(test_set, batch_size=100):
            predictions = network(images.to(device)).argmax(dim=1)
            correct += (predictions == targets.to(device)).sum().item()
    print(f"Test accuracy: {correct / len(test_set):.4f}")


if __name__ == "__main__":
    app()
