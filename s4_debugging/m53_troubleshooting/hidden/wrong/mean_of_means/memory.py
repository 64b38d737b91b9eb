"""Where does the memory go, and what if there is not enough?"""

import copy
import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
from torch import nn

NUMBERS_PER_WEIGHT = {"sgd": 0, "momentum": 1, "adam": 2}  # what an optimiser keeps for each number that it trains


@dataclass(frozen=True)
class TrainingBytes:
    """The memory of one step of training, in bytes."""

    weights: int
    gradients: int
    optimiser: int
    activations: int

    @property
    def total(self) -> int:
        return self.weights + self.gradients + self.optimiser + self.activations


def kept_for_backward(model: nn.Module, input_shape: tuple[int, ...]) -> int:
    """Return the bytes of all storages that autograd keeps during a call in training mode, other than weights."""
    model = copy.deepcopy(model).train()  # running means may move: not those of the model that was given
    first = next(model.parameters(), torch.empty(0))
    weights = [weight.untyped_storage() for weight in (*model.parameters(), *model.buffers())]
    kept: dict[int, torch.UntypedStorage] = {}  # who is in here stays alive, so no address is used twice

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        kept[tensor.untyped_storage()._cdata] = tensor.untyped_storage()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        model(torch.zeros(input_shape, device=first.device, dtype=first.dtype))
    for weight in weights:
        kept.pop(weight._cdata, None)
    return sum(storage.nbytes() for storage in kept.values())


def training_bytes(model: nn.Module, input_shape: tuple[int, ...], optimiser: str) -> TrainingBytes:
    """Return the memory of a step with a batch [*input_shape] and an optimiser of NUMBERS_PER_WEIGHT."""
    gradients = sum(weight.nbytes for weight in model.parameters() if weight.requires_grad)
    return TrainingBytes(
        weights=sum(weight.nbytes for weight in (*model.parameters(), *model.buffers())),
        gradients=gradients,
        optimiser=NUMBERS_PER_WEIGHT[optimiser] * gradients,
        activations=kept_for_backward(model, input_shape),
    )


def find_batch_size(step: Callable[[int], object], start: int) -> int:
    """Return the first of start, start // 2, start // 4, …, 1 for which `step(batch_size)` fits into memory."""
    batch_size = start
    while True:
        try:
            step(batch_size)
            return batch_size
        except torch.OutOfMemoryError:
            if batch_size == 1:
                raise
        # Here, after `except`, the exception is gone, and with it the frames that held the tensors.
        batch_size //= 2


def accumulate(
    model: nn.Module,
    batches: Iterable[tuple[torch.Tensor, torch.Tensor]],
    every: int,
    optimiser: torch.optim.Optimizer,
) -> list[float]:
    """Train with one step of the optimiser for each `every` batches of images and targets; return each step's loss."""
    losses = []
    stream = iter(batches)
    while group := list(itertools.islice(stream, every)):
        optimiser.zero_grad()
        total = 0.0
        for images, targets in group:
            loss = nn.functional.cross_entropy(model(images), targets) / len(group)
            loss.backward()
            total += loss.item()
        optimiser.step()
        losses.append(total)
    return losses
