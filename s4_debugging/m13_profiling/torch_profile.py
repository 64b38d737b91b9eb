"""A training loop under PyTorch's profiler, with its losses in TensorBoard."""

from collections.abc import Iterable
from pathlib import Path

import torch
from torch import nn


def profile_training(
    model: nn.Module,
    batches: Iterable[tuple[torch.Tensor, torch.Tensor]],
    folder: str | Path,
    device: str = "cpu",
    wait: int = 1,
    warmup: int = 1,
    active: int = 3,
) -> None:
    """Train the model, one step of SGD (learning rate 0.01) on the cross-entropy of each batch, and profile it.

    Args:
        model: maps images to logits; it is trained in place, on the device.
        batches: pairs of images and targets, on the CPU. All are trained on, however many the profiler records.
        folder: gets `trace.json`, a Chrome trace of the recorded steps, and a TensorBoard log with the scalar "loss" of
            every step, numbered from 0. Made when absent.
        device: "cpu" or "cuda".
        wait: steps at the start that the profiler ignores.
        warmup: steps after these in which it runs and throws away what it saw.
        active: steps after these that it records. It records once only.
    """
    raise NotImplementedError("TODO: train under the profiler")
