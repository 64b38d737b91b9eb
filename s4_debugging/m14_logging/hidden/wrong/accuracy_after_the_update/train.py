"""Train the classifier, and let Weights & Biases keep what was tried and how it went."""

import argparse

import torch
import wandb
from data import corrupt_mnist
from logger import make_logger
from model import MyAwesomeModel
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader


def train(lr: float, batch_size: int, epochs: int, seed: int) -> None:
    """Train with SGD; leave model.pth, train.log and a run with its artifact."""
    log = make_logger("train", "train.log")
    config = {"lr": lr, "batch_size": batch_size, "epochs": epochs, "seed": seed}
    with wandb.init(project="corrupt_mnist", config=config) as run:
        log.info("training with %s", config)
        torch.manual_seed(seed)
        train_set, test_set = corrupt_mnist()
        model = MyAwesomeModel()
        optimizer = torch.optim.SGD(model.parameters(), lr=lr)
        for epoch in range(epochs):
            for images, target in DataLoader(train_set, batch_size=batch_size, shuffle=True):
                optimizer.zero_grad()
                logits = model(images)
                loss = cross_entropy(logits, target)
                loss.backward()
                optimizer.step()
                correct = (model(images).argmax(1) == target).float().mean()
                run.log({"train_loss": loss.item(), "train_accuracy": correct.item()})
            log.info("epoch %d: loss %.3f", epoch, loss.item())
        run.log({"images": [wandb.Image(image) for image in images[:4]]})

        with torch.inference_mode():
            images, target = test_set.tensors
            accuracy = (model(images).argmax(1) == target).float().mean().item()
        torch.save(model.state_dict(), "model.pth")
        metadata = {"test_accuracy": accuracy, "epochs": epochs}
        artifact = wandb.Artifact("corrupt_mnist_model", type="model", metadata=metadata)
        artifact.add_file("model.pth")
        run.log_artifact(artifact)
        log.info("test accuracy %.3f", accuracy)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Train the classifier.")
    parser.add_argument("--lr", type=float, default=0.05)
    parser.add_argument("--batch-size", "--batch_size", type=int, default=64)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    train(**vars(parser.parse_args()))
