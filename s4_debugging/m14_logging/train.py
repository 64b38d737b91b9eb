"""Train the classifier, and let Weights & Biases keep what was tried and how it went."""

import argparse


def train(lr: float, batch_size: int, epochs: int, seed: int) -> None:
    """Train with SGD; leave model.pth, train.log and a run with its artifact."""
    raise NotImplementedError("TODO: train the model, and log every step to a wandb run")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Train the classifier.")
    parser.add_argument("--lr", type=float, default=0.05)
    parser.add_argument("--batch-size", "--batch_size", type=int, default=64)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    train(**vars(parser.parse_args()))
