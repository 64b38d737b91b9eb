"""Shares drawn by a batch sampler of our own, hooks that average gradients, counts that are gathered."""

import argparse
import contextlib
import os
import pathlib
from collections.abc import Iterator

import model as network
import torch
import torch.distributed as dist
from torch import nn
from torch.utils.data import DataLoader, Dataset, Sampler, TensorDataset

from mlops_course.digits import digit_tensors


def setup() -> torch.device:
    local = {name: int(os.environ[f"LOCAL_{name}"]) for name in ("RANK", "WORLD_SIZE")}
    on_gpus = torch.cuda.is_available() and torch.cuda.device_count() >= local["WORLD_SIZE"]
    dist.init_process_group(backend="nccl" if on_gpus else "gloo", init_method="env://")
    if not on_gpus:
        return torch.device("cpu")
    torch.cuda.set_device(local["RANK"])
    return torch.device(f"cuda:{local['RANK']}")


class Share(Sampler[list[int]]):
    """Batches of this process; each time that it is asked, another epoch begins."""

    def __init__(self, length: int, batch_size: int, seed: int) -> None:
        self.length, self.batch_size, self.seed = length, batch_size, seed
        self.epoch = -1

    @property
    def share(self) -> int:
        return (self.length + dist.get_world_size() - 1) // dist.get_world_size()

    def __len__(self) -> int:
        return (self.share + self.batch_size - 1) // self.batch_size

    def __iter__(self) -> Iterator[list[int]]:
        self.epoch += 1
        generator = torch.Generator().manual_seed(1_000_003 * self.seed + self.epoch)
        order = torch.randperm(self.length, generator=generator)
        whole = torch.cat([order, order[: self.share * dist.get_world_size() - self.length]])
        mine = whole[dist.get_rank() * self.share :][: self.share]
        for rows in mine.split(self.batch_size):
            yield rows.tolist()


def make_loader(dataset: Dataset, batch_size: int, seed: int) -> DataLoader:
    return DataLoader(dataset, batch_sampler=Share(len(dataset), batch_size, seed))


def train(model: nn.Module, loader: DataLoader, epochs: int, lr: float, device: torch.device) -> nn.Module:
    model = model.to(device).train()
    processes = dist.get_world_size()
    for tensor in model.state_dict().values():
        dist.broadcast(tensor, src=0)
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    loss_function = nn.CrossEntropyLoss()
    for _ in range(epochs):
        for images, targets in loader:
            loss = loss_function(model(images.to(device)), targets.to(device))
            gradients = torch.autograd.grad(loss / processes, weights)
            joint = torch.cat([gradient.flatten() for gradient in gradients])
            dist.all_reduce(joint, op=dist.ReduceOp.SUM)
            with torch.no_grad():
                for weight, step in zip(weights, joint.split([weight.numel() for weight in weights])):
                    weight.sub_(step.view_as(weight), alpha=lr)
    return model


@contextlib.contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    before = model.training
    model.eval()
    with torch.inference_mode():
        yield
    model.train(before)


def accuracy(model: nn.Module, dataset: Dataset, device: torch.device) -> float:
    borders = torch.linspace(0, len(dataset), dist.get_world_size() + 1).round().int().tolist()
    first, last = borders[dist.get_rank() : dist.get_rank() + 2]
    right = 0
    with evaluating(model):
        for row in range(first, last):
            image, target = dataset[row]
            right += int(model(image[None].to(device)).argmax() == target.to(device))
    counts = [None] * dist.get_world_size()
    dist.all_gather_object(counts, right)
    return sum(counts) / len(dataset)


def save(model: nn.Module, path: pathlib.Path) -> None:
    if dist.get_rank() == 0:
        state = {name.removeprefix("module."): value.cpu() for name, value in model.state_dict().items()}
        unfinished = pathlib.Path(f"{path}.unfinished")
        torch.save(state, unfinished)
        unfinished.replace(path)
    done = [True]
    dist.broadcast_object_list(done, src=0)


def main() -> None:
    parser = argparse.ArgumentParser()
    for option, default in {"epochs": 4, "batch-size": 30, "lr": 0.15, "seed": 1}.items():
        parser.add_argument(f"--{option}", type=type(default), default=default)
    parser.add_argument("--output", default="model.pth")
    given = vars(parser.parse_args())
    device = setup()
    try:
        print(f"process {dist.get_rank()} of {dist.get_world_size()}")
        torch.manual_seed(given["seed"])
        classifier = network.DigitClassifier()
        training, test = (TensorDataset(*digit_tensors(split)) for split in ("train", "test"))
        loader = make_loader(training, given["batch_size"], given["seed"])
        classifier = train(classifier, loader, given["epochs"], given["lr"], device)
        reached = accuracy(classifier, test, device)
        save(classifier, pathlib.Path(given["output"]))
        if dist.get_rank() == 0:
            print("Test accuracy:", round(reached, 4))
    finally:
        dist.destroy_process_group()


if __name__ == "__main__":
    main()
