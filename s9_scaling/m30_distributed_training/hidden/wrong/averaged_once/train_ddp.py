"""Train one model with several processes, each on its own part of the data.

    torchrun --standalone --nproc-per-node 2 train_ddp.py --epochs 3 --output model.pth

torchrun starts the processes and tells each one, by environment variables, who it is (RANK, LOCAL_RANK), how many there
are (WORLD_SIZE, LOCAL_WORLD_SIZE) and where they meet (MASTER_ADDR, MASTER_PORT).
"""

import argparse
import os
from pathlib import Path

import torch
import torch.distributed as dist
from model import DigitClassifier
from torch import nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, Dataset, DistributedSampler, Subset, TensorDataset

from mlops_course.digits import digit_tensors


def setup() -> torch.device:
    """Join the process group and return this process' device.

    With a GPU for each process of this machine: backend nccl, device `cuda:LOCAL_RANK`. Otherwise: gloo, `cpu`.
    """
    if torch.cuda.device_count() >= int(os.environ["LOCAL_WORLD_SIZE"]):
        device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(device)
        dist.init_process_group("nccl")
        return device
    dist.init_process_group("gloo")
    return torch.device("cpu")


def make_loader(dataset: Dataset, batch_size: int, seed: int) -> DataLoader:
    """A loader over this process' part of the dataset, shuffled anew every epoch; `batch_size` is for one process."""
    return DataLoader(dataset, batch_size, sampler=DistributedSampler(dataset, seed=seed))


def train(model: nn.Module, loader: DataLoader, epochs: int, lr: float, device: torch.device) -> nn.Module:
    """Train with plain SGD and cross-entropy, all processes in step; return the trained model, not wrapped."""
    parallel = model.to(device)
    parallel.train()
    optimiser = torch.optim.SGD(parallel.parameters(), lr=lr)
    for epoch in range(epochs):
        loader.sampler.set_epoch(epoch)
        for images, targets in loader:
            optimiser.zero_grad()
            nn.functional.cross_entropy(parallel(images.to(device)), targets.to(device)).backward()
            optimiser.step()
    for parameter in model.parameters():
        dist.all_reduce(parameter.data)
        parameter.data /= dist.get_world_size()
    return model


def accuracy(model: nn.Module, dataset: Dataset, device: torch.device) -> float:
    """The share of the whole dataset that the model gets right, computed by all processes; each returns the same."""
    # No DistributedSampler: it repeats examples until all processes have equally many, and they would count twice.
    part = Subset(dataset, range(dist.get_rank(), len(dataset), dist.get_world_size()))
    correct = torch.zeros((), dtype=torch.int64, device=device)
    model.eval()
    with torch.no_grad():
        for images, targets in DataLoader(part, batch_size=256):
            correct += (model(images.to(device)).argmax(dim=1) == targets.to(device)).sum()
    dist.all_reduce(correct)
    return correct.item() / len(dataset)


def save(model: nn.Module, path: Path) -> None:
    """Write the state dict of the plain model, once. When any process returns from here, the file is complete."""
    if dist.get_rank() == 0:
        plain = model.module if isinstance(model, DistributedDataParallel) else model
        torch.save(plain.state_dict(), path)
    dist.barrier()


def main(arguments: list[str] | None = None) -> None:
    """Train on the digits, save, and print the accuracy on the test set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch-size", type=int, default=32, help="examples in a batch of one process")
    parser.add_argument("--lr", type=float, default=0.2)
    parser.add_argument("--seed", type=int, default=0, help="decides the first weights and the order of the examples")
    parser.add_argument("--output", type=Path, default=Path("model.pth"))
    options = parser.parse_args(arguments)

    device = setup()
    torch.manual_seed(options.seed)
    loader = make_loader(TensorDataset(*digit_tensors("train")), options.batch_size, options.seed)
    model = train(DigitClassifier(), loader, options.epochs, options.lr, device)
    save(model, options.output)
    score = accuracy(model, TensorDataset(*digit_tensors("test")), device)
    if dist.get_rank() == 0:
        print(f"Test accuracy: {score:.4f}")
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
