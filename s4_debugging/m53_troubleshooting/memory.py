"""Where does the memory go, and what if there is not enough?"""

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


def training_bytes(model: nn.Module, input_shape: tuple[int, ...], optimiser: str) -> TrainingBytes:
    """Return the memory of a step with a batch [*input_shape] and an optimiser of NUMBERS_PER_WEIGHT.

    Weights are parameters and buffers. Activations are what autograd keeps for the backward pass when the model is
    called in training mode, with zeros as in `trace_shapes`; neither weights nor a loss are among them. The model may
    be on the meta device, and stays as it was.
    """
    raise NotImplementedError("TODO: count the bytes")


def find_batch_size(step: Callable[[int], object], start: int) -> int:
    """Return the first of start, start // 2, start // 4, …, 1 for which `step(batch_size)` fits into memory.

    Too large is what raises torch.OutOfMemoryError; it passes through when 1 is too large. Other exceptions always
    pass through. Nothing of a failed try is in memory during the next.
    """
    raise NotImplementedError("TODO: halve until it fits")


def accumulate(
    model: nn.Module,
    batches: Iterable[tuple[torch.Tensor, torch.Tensor]],
    every: int,
    optimiser: torch.optim.Optimizer,
) -> list[float]:
    """Train with one step of the optimiser for each `every` batches of images and targets; return each step's loss.

    A step's loss is the mean cross-entropy of all images of its batches, its gradient the gradient of that alone.
    Batches differ in size, and the last step may have fewer of them. Activations of one batch are in memory at a time.
    """
    raise NotImplementedError("TODO: accumulate gradients")
