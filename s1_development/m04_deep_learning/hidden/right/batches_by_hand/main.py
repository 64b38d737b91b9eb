"""Batches without a loader, validation on the fly, and a softmax-free loss by hand."""

from typing import Annotated

import matplotlib.pyplot as plt
import torch
import typer
from data import corrupt_mnist
from model import MyAwesomeModel

cli = typer.Typer()


def tensors(dataset) -> tuple[torch.Tensor, torch.Tensor]:
    images, targets = zip(*[dataset[i] for i in range(len(dataset))])
    return torch.stack(images), torch.stack(targets)


@torch.no_grad()
def accuracy(model: MyAwesomeModel, images: torch.Tensor, targets: torch.Tensor) -> float:
    was_training = model.training
    model.eval()
    right = model(images).argmax(dim=-1).eq(targets).sum()
    model.train(was_training)
    return right.item() / len(targets)


@cli.command("train")
def fit(
    lr: Annotated[float, typer.Option(help="learning rate")] = 0.001,
    batch_size: Annotated[int, typer.Option(help="images in a batch")] = 32,
    epochs: Annotated[int, typer.Option(help="passes over the data")] = 10,
) -> None:
    train_set, test_set = corrupt_mnist()
    images, targets = tensors(train_set)
    model = MyAwesomeModel()
    optimiser = torch.optim.AdamW(model.parameters(), lr, weight_decay=1e-2)
    statistics = []
    for _ in range(epochs):
        for rows in torch.randperm(len(images)).split(batch_size):
            model.zero_grad(set_to_none=False)
            log_likelihood = model(images[rows]).log_softmax(-1).gather(1, targets[rows, None])
            (-log_likelihood.mean()).backward()
            optimiser.step()
            statistics.append(-log_likelihood.mean().item())
        print("test accuracy so far", accuracy(model, *tensors(test_set)))
    figure, axes = plt.subplots()
    axes.semilogy(statistics)
    figure.savefig("training_statistics.png")
    torch.save(model.state_dict(), "model.pth")


@cli.command()
def evaluate(model: str) -> None:
    network = MyAwesomeModel()
    network.load_state_dict(torch.load(model))
    print(f"Test accuracy: {accuracy(network, *tensors(corrupt_mnist()[1])):.3f}")


if __name__ == "__main__":
    cli()
