"""Sets of storages, a recursion, and gradients that are added up by hand."""

import copy
from dataclasses import dataclass

import torch

NUMBERS_PER_WEIGHT = {"sgd": 0, "momentum": 1, "adam": 2}


@dataclass(frozen=True)
class TrainingBytes:
    weights: int
    gradients: int
    optimiser: int
    activations: int

    @property
    def total(self) -> int:
        return self.weights + self.gradients + self.optimiser + self.activations


def size(tensor):
    return tensor.numel() * tensor.element_size()


def training_bytes(model, input_shape, optimiser):
    twin = copy.deepcopy(model)
    twin.train()
    tensors = [*twin.parameters(), *twin.buffers()]
    trained = sum(size(p) for p in twin.parameters() if p.requires_grad)
    own = [tensor.untyped_storage() for tensor in tensors]
    saved = []

    def pack(tensor):
        storage = tensor.untyped_storage()
        if not any(storage is other for other in own + saved):
            saved.append(storage)
        return tensor

    x = torch.zeros(input_shape, device=tensors[0].device, dtype=tensors[0].dtype)
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda packed: packed):
        twin(x)
    return TrainingBytes(
        weights=sum(map(size, tensors)),
        gradients=trained,
        optimiser=trained * NUMBERS_PER_WEIGHT[optimiser],
        activations=sum(len(storage) for storage in saved),
    )


def fits(step, batch_size):
    try:
        step(batch_size)
    except torch.OutOfMemoryError:
        if batch_size == 1:
            raise
        return False
    return True


def find_batch_size(step, start):
    return start if fits(step, start) else find_batch_size(step, start // 2)


def accumulate(model, batches, every, optimiser):
    parameters = [p for p in model.parameters() if p.requires_grad]
    losses, gathered, total, images = [], None, 0.0, 0

    def finish():
        nonlocal gathered, total, images
        for parameter, gradient in zip(parameters, gathered):
            parameter.grad = gradient / images
        optimiser.step()
        optimiser.zero_grad()
        losses.append(total / images)
        gathered, total, images = None, 0.0, 0

    number = 0
    for number, (x, y) in enumerate(batches, start=1):
        loss = torch.nn.functional.cross_entropy(model(x), y, reduction="sum")
        gradients = torch.autograd.grad(loss, parameters)
        gathered = gradients if gathered is None else [a + b for a, b in zip(gathered, gradients)]
        total += loss.item()
        images += len(y)
        if number % every == 0:
            finish()
    if number % every:
        finish()
    return losses
