"""`main.py train` and `main.py evaluate`, with click. The gradient is asked for, not accumulated."""

import click
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import torch
from mlops_course.device import choose_device
from torch.nn import functional as F
from torch.utils.data import BatchSampler, DataLoader, RandomSampler

import data
import model as network


class Trainer:
    """Holds what a training needs."""

    def __init__(self, lr, batch_size):
        self.device = torch.device(choose_device())
        self.net = network.MyAwesomeModel().to(self.device)
        self.weights = [w for w in self.net.parameters() if w.requires_grad]
        self.optimiser = torch.optim.AdamW(self.weights, lr=lr, weight_decay=1e-4, amsgrad=True)
        self.digits, _ = data.corrupt_mnist()
        self.sampler = BatchSampler(RandomSampler(self.digits), batch_size, drop_last=False)
        self.loader = DataLoader(self.digits, batch_sampler=self.sampler)
        self.history = []

    def step(self, x, y):
        loss = F.cross_entropy(self.net(x.to(self.device)), y.to(self.device), reduction="sum") / len(y)
        for weight, gradient in zip(self.weights, torch.autograd.grad(loss, self.weights, allow_unused=True)):
            weight.grad = gradient
        self.optimiser.step()
        return loss.item()

    def epoch(self):
        self.net.train()
        self.history += [self.step(x, y) for x, y in self.loader]


@click.group()
def cli():
    """Corrupted digits."""


@cli.command()
@click.option("--epochs", default=10, show_default=True)
@click.option("--batch-size", "-b", default=32, show_default=True)
@click.option("--lr", default=1e-3, show_default=True)
def train(epochs, batch_size, lr):
    """Train and write model.pth."""
    trainer = Trainer(lr, batch_size)
    for _ in range(epochs):
        trainer.epoch()
    torch.save({k: v.cpu() for k, v in trainer.net.state_dict().items()}, "model.pth")
    plt.semilogy(trainer.history, ".-")
    plt.xlabel("step")
    plt.ylabel("cross-entropy")
    plt.savefig("training_statistics.png")
    plt.close("all")


@cli.command()
@click.argument("checkpoint", type=click.Path(exists=True, dir_okay=False))
@torch.no_grad()
def evaluate(checkpoint):
    """Accuracy of CHECKPOINT."""
    net = network.MyAwesomeModel()
    net.load_state_dict(torch.load(checkpoint, map_location="cpu"))
    net.train(False)
    _, test = data.corrupt_mnist()
    right = torch.cat([net(x).topk(1).indices.squeeze(1) == y for x, y in DataLoader(test, batch_size=512)])
    click.echo("Test accuracy: " + str(round(right.double().mean().item(), 5)).ljust(5, "0"))


if __name__ == "__main__":
    cli()
