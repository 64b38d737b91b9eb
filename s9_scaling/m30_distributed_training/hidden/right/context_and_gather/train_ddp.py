"""The same with functions for each part, gathered results, and an optimiser over the wrapped model."""

import argparse
import contextlib
import os
import pathlib

import torch
import torch.nn as nn
import torch.optim as optim
from model import DigitClassifier
from torch import distributed
from torch.nn.parallel import DistributedDataParallel as DDP
from torch.utils import data

from mlops_course import digits


def setup() -> torch.device:
    local = int(os.environ.get("LOCAL_RANK", 0))
    if 0 < int(os.environ.get("LOCAL_WORLD_SIZE", 1)) <= torch.cuda.device_count():
        torch.cuda.set_device(local)
        distributed.init_process_group(backend="nccl", init_method="env://")
        return torch.device(type="cuda", index=local)
    distributed.init_process_group(backend="gloo", init_method="env://")
    return torch.device(type="cpu")


def make_loader(dataset, batch_size, seed):
    sampler = data.DistributedSampler(
        dataset,
        num_replicas=distributed.get_world_size(),
        rank=distributed.get_rank(),
        shuffle=True,
        seed=seed,
    )
    return data.DataLoader(dataset, batch_sampler=data.BatchSampler(sampler, batch_size, drop_last=False))


def train(model, loader, epochs, lr, device):
    model.to(device)
    wrapped = DDP(model, device_ids=[device.index] if device.type == "cuda" else None)
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(model.parameters(), lr)
    epoch = 0
    while epoch < epochs:
        loader.batch_sampler.sampler.set_epoch(epoch)
        epoch += 1
        for batch in loader:
            images, targets = (tensor.to(device) for tensor in batch)
            criterion(wrapped(images), targets).backward()
            optimizer.step()
            optimizer.zero_grad(set_to_none=False)
    return wrapped.module


def accuracy(model, dataset, device):
    model.eval()
    rows = torch.arange(len(dataset)).tensor_split(distributed.get_world_size())[distributed.get_rank()]
    hits = []
    for row in rows.tolist():
        image, target = dataset[row]
        hits.append(bool(model(image.unsqueeze(0).to(device)).detach().argmax(-1).item() == int(target)))
    everyone = [None] * distributed.get_world_size()
    distributed.all_gather_object(everyone, hits)
    flat = [hit for part in everyone for hit in part]
    return sum(flat) / len(flat)


def save(model, path):
    if isinstance(model, DDP):
        return save(model.module, path)
    if distributed.get_rank() == 0:
        path = pathlib.Path(path)
        torch.save(model.state_dict(), path.with_suffix(".tmp"))
        path.with_suffix(".tmp").replace(path)
    distributed.barrier()
    return None


@contextlib.contextmanager
def group():
    device = setup()
    yield device
    distributed.destroy_process_group()


def options(arguments=None):
    parser = argparse.ArgumentParser()
    for name, default in {"--epochs": 3, "--batch-size": 32, "--lr": 0.2, "--seed": 0, "--output": "model.pth"}.items():
        parser.add_argument(name, type=type(default), default=default)
    return parser.parse_args(arguments)


def main(arguments=None):
    chosen = options(arguments)
    with group() as device:
        generator = torch.random.manual_seed(chosen.seed)
        assert generator is not None
        dataset = data.TensorDataset(*digits.digit_tensors("train"))
        trained = train(
            DigitClassifier(), make_loader(dataset, chosen.batch_size, chosen.seed), chosen.epochs, chosen.lr, device
        )
        save(trained, chosen.output)
        score = accuracy(trained, data.TensorDataset(*digits.digit_tensors("test")), device)
        if distributed.get_rank() == 0:
            print(f"Test accuracy: {score:.5f}", flush=True)


if __name__ == "__main__":
    main()
