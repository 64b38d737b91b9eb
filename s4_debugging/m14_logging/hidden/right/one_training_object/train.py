#!/usr/bin/env python
import shutil

import click
import numpy as np
import torch
import wandb

import data
import model
from logger import make_logger


class Training:
    def __init__(self, lr, batch_size, epochs, seed):
        self.settings = dict(seed=seed, epochs=epochs, batch_size=batch_size, lr=lr)
        self.order = np.random.default_rng(seed)
        torch.manual_seed(seed)
        self.network = model.MyAwesomeModel()
        self.train_set, self.test_set = (s.tensors for s in data.corrupt_mnist())
        self.optimizer = torch.optim.SGD(self.network.parameters(), lr=lr)

    def batches(self):
        images, targets = self.train_set
        order = torch.from_numpy(self.order.permutation(len(targets)))
        for part in order.split(self.settings["batch_size"]):
            yield images[part], targets[part]

    def step(self, images, targets):
        self.optimizer.zero_grad()
        scores = self.network(images)
        loss = -scores.log_softmax(1).gather(1, targets[:, None]).mean()
        loss.backward()
        self.optimizer.step()
        right = (scores.detach().numpy().argmax(1) == targets.numpy()).mean()
        return {"train_loss": loss.item(), "train_accuracy": float(right)}

    @torch.no_grad()
    def test(self):
        images, targets = self.test_set
        return self.network(images).max(1).indices.eq(targets).sum().item() / len(targets)


def train(lr: float, batch_size: int, epochs: int, seed: int) -> None:
    """Train with SGD; leave model.pth, train.log and a run with its artifact."""
    log = make_logger("corrupt_mnist", "train.log", level="WARNING")
    job = Training(lr, batch_size, epochs, seed)
    wandb.init(config=job.settings, job_type="train")
    log.info("start with %s", {k: v for k, v in job.settings.items() if k != "epochs"})
    number = 0
    for epoch in range(epochs):
        for batch in job.batches():
            row = job.step(*batch)
            row["epoch"] = epoch
            wandb.log(row, step=number)
            number += 1
        log.info("Done: epoch %d, test accuracy %.3f", epoch, job.test())

    # one sheet of eight digits, in a row of its own
    sheet = torch.cat(list(job.train_set[0][:8, 0]), dim=1)
    wandb.log({"images": wandb.Image(sheet.numpy())}, step=number)

    torch.save(job.network.state_dict(), "model.pth")
    artifact = wandb.Artifact(name="corrupt_mnist_model", type="model", description="weights, a state dict")
    with open("model.pth", "rb") as source, artifact.new_file("model.pth", mode="wb") as target:
        shutil.copyfileobj(source, target)
    artifact.metadata["epochs"] = epochs
    artifact.metadata["test_accuracy"] = job.test()
    wandb.log_artifact(artifact)
    wandb.finish()


@click.command(context_settings={"show_default": True})
@click.option("--lr", type=float, default=3e-2)
@click.option("--batch-size", "--batch_size", type=int, default=32)
@click.option("--epochs", type=click.IntRange(min=1), default=2)
@click.option("--seed", type=int, default=42)
def main(**options):
    train(**options)


if __name__ == "__main__":
    main()
