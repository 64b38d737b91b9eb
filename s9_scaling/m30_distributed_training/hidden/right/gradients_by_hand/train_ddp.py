"""Data-parallel training without DistributedDataParallel and DistributedSampler: the collectives used directly."""

from os import environ

import torch
import torch.distributed as dist
import typer
from model import DigitClassifier
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, Sampler, TensorDataset

from mlops_course.digits import digit_tensors


class Share(Sampler):
    """Every process draws the same permutation and takes its slice of it; what is missing is taken from the front."""

    def __init__(self, length, seed):
        self.length, self.seed, self.epoch = length, seed, 0
        self.size = (length + dist.get_world_size() - 1) // dist.get_world_size()

    def __len__(self):
        return self.size

    def __iter__(self):
        generator = torch.Generator()
        generator.manual_seed(1_000_003 * self.seed + self.epoch)
        order = torch.randperm(self.length, generator=generator).tolist()
        order = (order + order)[: self.size * dist.get_world_size()]
        start = dist.get_rank() * self.size
        return iter(order[start : start + self.size])


def setup():
    cuda = torch.cuda.is_available() and torch.cuda.device_count() >= int(environ["LOCAL_WORLD_SIZE"])
    rank, size = int(environ["RANK"]), int(environ["WORLD_SIZE"])
    address = f"tcp://{environ['MASTER_ADDR']}:{environ['MASTER_PORT']}"
    dist.init_process_group("nccl" if cuda else "gloo", init_method=address, rank=rank, world_size=size)
    if cuda:
        torch.cuda.set_device(int(environ["LOCAL_RANK"]))
        return torch.device(f"cuda:{environ['LOCAL_RANK']}")
    return torch.device("cpu")


def make_loader(dataset, batch_size, seed):
    return DataLoader(dataset, batch_size=batch_size, sampler=Share(len(dataset), seed), num_workers=0)


def train(model, loader, epochs, lr, device):
    model = model.to(device).train()
    for tensor in list(model.parameters()) + list(model.buffers()):
        dist.broadcast(tensor.data, src=0)
    for epoch in range(epochs):
        loader.sampler.epoch = epoch
        for images, targets in loader:
            loss = cross_entropy(model(images.to(device)), targets.to(device))
            gradients = torch.autograd.grad(loss, list(model.parameters()))
            for parameter, gradient in zip(model.parameters(), gradients):
                dist.all_reduce(gradient, op=dist.ReduceOp.SUM)
                parameter.data.add_(gradient, alpha=-lr / dist.get_world_size())
    return model


@torch.inference_mode()
def accuracy(model, dataset, device):
    was_training = model.training
    model.train(False)
    counts = torch.zeros(2, dtype=torch.float64, device=device)
    per_process = -(-len(dataset) // dist.get_world_size())
    first = dist.get_rank() * per_process
    for row in range(first, min(first + per_process, len(dataset))):
        image, target = dataset[row]
        counts += torch.tensor([float(model(image[None].to(device)).argmax()) == float(target), 1.0], device=device)
    model.train(was_training)
    dist.all_reduce(counts)
    return float(counts[0] / counts[1])


def save(model, path):
    state = {name.removeprefix("module."): tensor for name, tensor in model.state_dict().items()}
    if dist.get_rank() == 0:
        torch.save(state, path)
    dist.barrier()


def main(epochs: int = 3, batch_size: int = 32, lr: float = 0.2, seed: int = 0, output: str = "model.pth") -> None:
    device = setup()
    try:
        torch.manual_seed(seed)
        model = DigitClassifier()
        train(model, make_loader(TensorDataset(*digit_tensors("train")), batch_size, seed), epochs, lr, device)
        result = accuracy(model, TensorDataset(*digit_tensors("test")), device)
        save(model, output)
        if not dist.get_rank():
            print("Test accuracy:", result)
    finally:
        dist.destroy_process_group()


if __name__ == "__main__":
    application = typer.Typer()
    application.command()(main)
    application(standalone_mode=False)
