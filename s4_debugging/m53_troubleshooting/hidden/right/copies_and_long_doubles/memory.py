"""Where does the memory go, and what if there is not enough?"""

import copy
import gc
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


def size_of(tensors: Iterable[torch.Tensor]) -> int:
    return sum(t.numel() * t.element_size() for t in tensors)


def training_bytes(model: nn.Module, input_shape: tuple[int, ...], optimiser: str) -> TrainingBytes:
    """Return the memory of a step with a batch [*input_shape] and an optimiser of NUMBERS_PER_WEIGHT.

    The model is not touched at all: a copy of it is called. (A copy shares within itself what the original shares.)
    """
    if optimiser not in NUMBERS_PER_WEIGHT:
        raise ValueError(optimiser)
    twin = copy.deepcopy(model).train()
    parameters, buffers = list(twin.parameters()), list(twin.buffers())
    trained = size_of(p for p in parameters if p.requires_grad)

    weights = [t.untyped_storage() for t in parameters + buffers]
    kept: list[torch.UntypedStorage] = []
    known = {s._cdata for s in weights}

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage._cdata not in known:
            known.add(storage._cdata)
            kept.append(storage)
        return tensor

    zeros = torch.zeros(input_shape)
    if parameters:
        zeros = zeros.to(parameters[0].dtype).to(parameters[0].device)
    with torch.random.fork_rng(devices=[]), torch.set_grad_enabled(True):
        with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
            twin(zeros)
    return TrainingBytes(
        activations=sum(s.nbytes() for s in kept),
        optimiser=trained * NUMBERS_PER_WEIGHT[optimiser],
        gradients=trained,
        weights=size_of(parameters) + size_of(buffers),
    )


def fits(step: Callable[[int], object], size: int, last: bool) -> bool:
    try:
        step(size)
    except torch.OutOfMemoryError as error:
        if last:
            raise
        error.with_traceback(None)  # and with it, the frames and their variables
        error.__context__ = error.__cause__ = None
        return False
    return True


def find_batch_size(step: Callable[[int], object], start: int) -> int:
    """Return the first of start, start // 2, start // 4, …, 1 for which `step(batch_size)` fits into memory."""
    sizes = [start >> shift for shift in range(start.bit_length())]
    for size in sizes:
        if fits(step, size, last=size == 1):
            return size
        gc.collect()
    raise ValueError(f"start has to be 1 or more, not {start}")


class Mean:
    """A mean loss that grows batch by batch, with its gradient in the parameters' .grad."""

    def __init__(self, model: nn.Module, parameters: list[nn.Parameter]) -> None:
        self.model, self.parameters = model, parameters
        self.images, self.batches, self.loss = 0, 0, 0.0
        for parameter in parameters:
            parameter.grad = None

    def add(self, images: torch.Tensor, targets: torch.Tensor) -> None:
        self.batches += 1
        self.images += len(images)
        share = len(images) / self.images
        for parameter in self.parameters:
            if parameter.grad is not None:
                parameter.grad.mul_(1 - share)
        loss = nn.CrossEntropyLoss()(self.model(images), targets) * share
        loss.backward()
        self.loss = self.loss * (1 - share) + loss.item()


def accumulate(
    model: nn.Module,
    batches: Iterable[tuple[torch.Tensor, torch.Tensor]],
    every: int,
    optimiser: torch.optim.Optimizer,
) -> list[float]:
    """Train with one step of the optimiser for each `every` batches of images and targets; return each step's loss."""
    parameters = list({*model.parameters(), *(p for group in optimiser.param_groups for p in group["params"])})
    losses = []
    iterator = iter(batches)
    batch = next(iterator, None)
    while batch is not None:
        mean = Mean(model, parameters)
        while batch is not None and mean.batches < every:
            mean.add(*batch)
            batch = None
            batch = next(iterator, None)
        optimiser.step()
        losses.append(mean.loss)
    return losses
