"""Train the network on the processed digits."""

import argparse
from pathlib import Path

import torch
from matplotlib.figure import Figure
from torch.nn.functional import cross_entropy

from corrupt_mnist.data import MyDataset
from corrupt_mnist.model import MyAwesomeModel
from corrupt_mnist.paths import FIGURES, MODEL, PROCESSED, with_folder


class Training:
    """One run: the data are in memory, and batches are drawn without a DataLoader."""

    def __init__(self, data_dir, lr, batch_size):
        images, targets = zip(*MyDataset(data_dir), strict=True)
        self.images, self.targets = torch.stack(images), torch.stack(targets)
        self.batch_size = batch_size
        self.model = MyAwesomeModel()
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=lr, weight_decay=1e-4)
        self.losses = []

    def step(self, rows):
        loss = cross_entropy(self.model(self.images[rows]), self.targets[rows])
        loss.backward()
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.losses.append(loss.item())

    def epoch(self):
        self.model.train()
        for rows in torch.randperm(len(self.targets)).split(self.batch_size):
            self.step(rows)

    def figure(self):
        figure = Figure(figsize=(8, 4), layout="constrained")
        axes = figure.add_subplot(xlabel="step", ylabel="loss")
        axes.semilogy(self.losses)
        return figure


def train(
    data_dir=PROCESSED,
    model_path=MODEL,
    figure_path=FIGURES / "training_statistics.png",
    lr=1e-3,
    batch_size=32,
    epochs=10,
):
    run = Training(data_dir, lr, batch_size)
    for number in range(1, epochs + 1):
        run.epoch()
        print(f"epoch {number}/{epochs}: loss {run.losses[-1]:.3f}")
    torch.save(run.model.state_dict(), with_folder(model_path))
    run.figure().savefig(with_folder(figure_path), format="png")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--data-dir", type=Path, default=PROCESSED, help="the four processed files")
    parser.add_argument("--model-path", type=Path, default=MODEL, help="where the state dict goes")
    parser.add_argument("--figure-path", type=Path, default=FIGURES / "training_statistics.png", help="and the figure")
    parser.add_argument("--lr", type=float, default=1e-3, help="learning rate")
    parser.add_argument("--batch-size", type=int, default=32, help="digits per step")
    parser.add_argument("--epochs", type=int, default=10, help="times that each digit is seen")
    train(**vars(parser.parse_args()))


if __name__ == "__main__":
    main()
