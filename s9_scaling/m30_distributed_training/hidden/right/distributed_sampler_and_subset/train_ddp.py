"""Train one model with several processes, each on its own part of the data."""

import argparse
import os
from pathlib import Path

import torch
import torch.distributed as dist
from mlops_course.digits import digit_tensors
from model import DigitClassifier
from torch import nn
from torch.utils.data import DataLoader, DistributedSampler, Subset, TensorDataset


def setup():
    gpu = torch.cuda.is_available() and torch.cuda.device_count() >= int(os.environ["LOCAL_WORLD_SIZE"])
    device = torch.device("cuda", int(os.environ["LOCAL_RANK"])) if gpu else torch.device("cpu")
    if gpu:
        torch.cuda.set_device(device)
    dist.init_process_group("nccl" if gpu else "gloo")
    return device


def make_loader(dataset, batch_size, seed):
    return DataLoader(dataset, batch_size, sampler=DistributedSampler(dataset, shuffle=True, seed=seed, drop_last=False))


def train(model, loader, epochs, lr, device):
    """Without DDP: gradients are averaged by hand, weighted equally since the parts are equally long."""
    model = model.to(device).train()
    world = dist.get_world_size()
    for tensor in [*model.parameters(), *model.buffers()]:
        dist.broadcast(tensor.data, src=0)
    optimizer = torch.optim.SGD(model.parameters(), lr)
    for epoch in range(epochs):
        loader.sampler.set_epoch(epoch)
        for images, targets in loader:
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(images.to(device)), targets.to(device)).backward()
            for parameter in model.parameters():
                if parameter.grad is not None:
                    dist.all_reduce(parameter.grad)
                    parameter.grad /= world
            optimizer.step()
    return model


@torch.no_grad()
def accuracy(model, dataset, device):
    was_training = model.training
    model.eval()
    mine = Subset(dataset, range(dist.get_rank(), len(dataset), dist.get_world_size()))
    right = torch.zeros(1, dtype=torch.int64, device=device)
    for images, targets in DataLoader(mine, 100) if len(mine) else ():
        right += (model(images.to(device)).argmax(1) == targets.to(device)).sum()
    dist.all_reduce(right)
    model.train(was_training)
    return right.item() / len(dataset)


def save(model, path):
    plain = model.module if isinstance(model, nn.parallel.DistributedDataParallel) else model
    if dist.get_rank() == 0:
        torch.save({name: tensor.cpu() for name, tensor in plain.state_dict().items()}, path)
    dist.barrier()


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--lr", type=float, default=0.2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, default=Path("model.pth"))
    options = parser.parse_args(arguments)
    device = setup()
    try:
        torch.manual_seed(options.seed)
        model = DigitClassifier().to(device)
        loader = make_loader(TensorDataset(*digit_tensors("train")), options.batch_size, options.seed)
        model = train(model, loader, options.epochs, options.lr, device)
        save(model, options.output)
        score = accuracy(model, TensorDataset(*digit_tensors("test")), device)
        if dist.get_rank() == 0:
            print(f"Test accuracy: {score:.4f}", flush=True)
    finally:
        dist.destroy_process_group()


if __name__ == "__main__":
    main()
