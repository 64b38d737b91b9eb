"""Where does the memory go, and what if there is not enough?"""

import gc
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
from shapes import untouched, zeros_for
from torch import nn
from torch.nn import functional

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


class Saved:
    """Collects the storages of what autograd saves; holding them keeps their identity."""

    def __init__(self) -> None:
        self.storages: dict[int, torch.UntypedStorage] = {}

    def pack(self, tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        self.storages.setdefault(id(storage), storage)
        return tensor.detach()

    @staticmethod
    def unpack(tensor: torch.Tensor) -> torch.Tensor:
        return tensor


def training_bytes(model: nn.Module, input_shape: tuple[int, ...], optimiser: str) -> TrainingBytes:
    """Return the memory of a step with a batch [*input_shape] and an optimiser of NUMBERS_PER_WEIGHT."""
    per_weight = NUMBERS_PER_WEIGHT[optimiser]
    tensors = {id(tensor): tensor for tensor in [*model.parameters(), *model.buffers()]}.values()
    own = {id(storage): storage for storage in (tensor.untyped_storage() for tensor in tensors)}
    weights = sum(tensor.nbytes for tensor in tensors)
    gradients = sum(parameter.nbytes for parameter in model.parameters() if parameter.requires_grad)

    saved = Saved()
    with untouched(model):
        model.train()
        with torch.enable_grad(), torch.autograd.graph.saved_tensors_hooks(saved.pack, saved.unpack):
            model(zeros_for(model, input_shape))
    activations = sum(storage.nbytes() for key, storage in saved.storages.items() if key not in own)
    return TrainingBytes(weights, gradients, per_weight * gradients, activations)


def forget(error: BaseException | None) -> None:
    """Let go of the variables that an exception keeps, and those that it came from."""
    seen = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        traceback.clear_frames(error.__traceback__)
        error.__traceback__ = None
        error = error.__cause__ or error.__context__


def find_batch_size(step: Callable[[int], object], start: int) -> int:
    """Return the first of start, start // 2, start // 4, …, 1 for which `step(batch_size)` fits into memory."""
    size = start
    while True:
        try:
            step(size)
            return size
        except torch.OutOfMemoryError as error:
            if size <= 1:
                raise
            forget(error)
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        size //= 2


def add_gradients(model: nn.Module, images: torch.Tensor, targets: torch.Tensor) -> tuple[float, int]:
    """Add the gradient of the *sum* over the images; nothing of the graph is left when this returns."""
    loss = functional.cross_entropy(model(images), targets, reduction="sum")
    loss.backward()
    return loss.item(), len(images)


def accumulate(
    model: nn.Module,
    batches: Iterable[tuple[torch.Tensor, torch.Tensor]],
    every: int,
    optimiser: torch.optim.Optimizer,
) -> list[float]:
    """Train with one step of the optimiser for each `every` batches of images and targets; return each step's loss."""
    losses: list[float] = []
    total, count, pending = 0.0, 0, 0

    def finish() -> None:
        nonlocal total, count, pending
        trained = {id(p): p for group in optimiser.param_groups for p in group["params"]}
        for parameter in trained.values():
            if parameter.grad is not None:
                parameter.grad /= count
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        model.zero_grad(set_to_none=True)
        losses.append(total / count)
        total, count, pending = 0.0, 0, 0

    optimiser.zero_grad(set_to_none=True)
    model.zero_grad(set_to_none=True)
    for images, targets in batches:
        loss, size = add_gradients(model, images, targets)
        del images, targets
        total, count, pending = total + loss, count + size, pending + 1
        if pending == every:
            finish()
    if pending:
        finish()
    return losses
