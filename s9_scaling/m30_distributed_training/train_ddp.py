"""Train one model with several processes, each on its own part of the data.

    torchrun --standalone --nproc-per-node 2 train_ddp.py --epochs 3 --output model.pth

torchrun starts the processes and tells each one, by environment variables, who it is (RANK, LOCAL_RANK), how many there
are (WORLD_SIZE, LOCAL_WORLD_SIZE) and where they meet (MASTER_ADDR, MASTER_PORT).
"""

import argparse
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset


def setup() -> torch.device:
    """Join the process group and return this process' device.

    With a GPU for each process of this machine: backend nccl, device `cuda:LOCAL_RANK`. Otherwise: gloo, `cpu`.
    """
    raise NotImplementedError("TODO: choose backend and device, initialise the process group")


def make_loader(dataset: Dataset, batch_size: int, seed: int) -> DataLoader:
    """A loader over this process' part of the dataset, shuffled anew every epoch; `batch_size` is for one process."""
    raise NotImplementedError("TODO: give the loader a sampler that divides the data among the processes")


def train(model: nn.Module, loader: DataLoader, epochs: int, lr: float, device: torch.device) -> nn.Module:
    """Train with plain SGD and cross-entropy, all processes in step; return the trained model, not wrapped."""
    raise NotImplementedError("TODO: keep the processes' models equal, and tell the sampler which epoch it is")


def accuracy(model: nn.Module, dataset: Dataset, device: torch.device) -> float:
    """The share of the whole dataset that the model gets right, computed by all processes; each returns the same."""
    raise NotImplementedError("TODO: count on a part of the dataset in each process, and add up")


def save(model: nn.Module, path: Path) -> None:
    """Write the state dict of the plain model, once. When any process returns from here, the file is complete."""
    raise NotImplementedError("TODO: one process writes, the others wait")


def main(arguments: list[str] | None = None) -> None:
    """Train on the digits, save, and print the accuracy on the test set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch-size", type=int, default=32, help="examples in a batch of one process")
    parser.add_argument("--lr", type=float, default=0.2)
    parser.add_argument("--seed", type=int, default=0, help="decides the first weights and the order of the examples")
    parser.add_argument("--output", type=Path, default=Path("model.pth"))
    options = parser.parse_args(arguments)
    raise NotImplementedError(f"TODO: train with {options}, save, print the accuracy once, leave the group")


if __name__ == "__main__":
    main()
