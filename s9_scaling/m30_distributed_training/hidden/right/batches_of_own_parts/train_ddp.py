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


class Part(torch.utils.data.Sampler):
    """Batches of this process' part; each pass is another epoch by itself."""

    def __init__(self, size, batch_size, seed):
        self.size, self.batch_size, self.seed, self.epoch = size, batch_size, seed, 0
        self.length = -(-size // dist.get_world_size())

    def __len__(self):
        return -(-self.length // self.batch_size)

    def __iter__(self):
        random = torch.Generator().manual_seed(self.seed * 100_003 + self.epoch)
        self.epoch += 1
        order = torch.randperm(self.size, generator=random)
        order = order.repeat(2 + dist.get_world_size() // self.size)[: self.length * dist.get_world_size()]
        mine = order[dist.get_rank() * self.length :][: self.length]
        yield from (batch.tolist() for batch in mine.split(self.batch_size))


def make_loader(dataset, batch_size, seed):
    return DataLoader(dataset, batch_sampler=Part(len(dataset), batch_size, seed))


def train(model, loader, epochs, lr, device):
    model.to(device)
    ids = [device.index] if device.type == "cuda" else None
    wrapped = nn.parallel.DistributedDataParallel(model, device_ids=ids)
    wrapped.train()
    sgd, criterion = torch.optim.SGD(wrapped.parameters(), lr=lr), nn.CrossEntropyLoss()
    for epoch in range(epochs):
        sampler = getattr(loader, "sampler", None)
        if hasattr(sampler, "set_epoch"):
            sampler.set_epoch(epoch)
        for x, y in loader:
            sgd.zero_grad()
            criterion(wrapped(x.to(device)), y.to(device)).backward()
            sgd.step()
    return wrapped.module


def accuracy(model, dataset, device):
    modes = [(m, m.training) for m in model.modules()]
    model.eval()
    hits = 0
    with torch.inference_mode():
        for i in torch.arange(len(dataset)).tensor_split(dist.get_world_size())[dist.get_rank()].tolist():
            image, target = dataset[i]
            hits += int(model(image[None].to(device)).argmax() == target)
    for m, mode in modes:
        m.training = mode
    parts = [None] * dist.get_world_size()
    dist.all_gather_object(parts, hits)
    return sum(parts) / len(dataset)


def save(model, path):
    if not dist.get_rank():
        state = model.state_dict()
        if hasattr(model, "module"):
            torch.nn.modules.utils.consume_prefix_in_state_dict_if_present(state, "module.")
        beside = Path(f"{path}.part")
        torch.save(state, beside)
        beside.replace(path)
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
