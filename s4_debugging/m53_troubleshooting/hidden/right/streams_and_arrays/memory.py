"""Candidates are listed first; losses are weighted by their share of the group."""

from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from itertools import islice

import torch
from torch import nn
from torch.autograd.graph import saved_tensors_hooks
from torch.multiprocessing.reductions import StorageWeakRef

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


def training_bytes(model, input_shape, optimiser):
    twin = deepcopy(model).to("meta").train()
    meta = [*twin.parameters(), *twin.buffers()]
    alive, activations = [], 0
    seen = {StorageWeakRef(tensor.untyped_storage()) for tensor in meta}

    def pack(tensor):
        nonlocal activations
        reference = StorageWeakRef(tensor.untyped_storage())
        if reference not in seen:
            seen.add(reference)
            alive.append(tensor)
            activations += tensor.untyped_storage().nbytes()
        return tensor

    with saved_tensors_hooks(pack, lambda tensor: tensor):
        twin(torch.zeros(input_shape, dtype=meta[0].dtype, device="meta"))
    trained = sum(tensor.nbytes for tensor in meta if tensor.requires_grad)
    weights = sum(tensor.nbytes for tensor in meta)
    return TrainingBytes(weights, trained, NUMBERS_PER_WEIGHT[optimiser] * trained, activations)


def find_batch_size(step, start):
    while start > 1:
        with suppress(torch.OutOfMemoryError):
            step(start)
            return start
        start //= 2
    step(start)
    return start


def accumulate(model, batches, every, optimiser):
    batches, losses = iter(batches), []
    for group in iter(lambda: tuple(islice(batches, every)), ()):
        optimiser.zero_grad()
        shares = torch.tensor([len(targets) for _, targets in group], dtype=torch.float64)
        shares /= shares.sum()
        loss_of_step = 0.0
        for share, (images, targets) in zip(shares.tolist(), group):
            loss = nn.functional.cross_entropy(model(images), targets) * share
            loss.backward()
            loss_of_step += loss.item()
        optimiser.step()
        losses.append(loss_of_step)
    return losses
