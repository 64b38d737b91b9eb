"""Takes the place of the student's model.py: a linear classifier that writes down what main.py does with it.

Each line of `calls.jsonl` is one forward pass (which images, in which mode, with which weights), one gradient of the
weight (of `backward` or of `torch.autograd.grad`), what `.grad` holds after a `backward`, or what it holds when an
optimiser takes a step. The suite does the arithmetic again.
"""

import json
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim.optimizer import Optimizer, register_optimizer_step_pre_hook


class MyAwesomeModel(nn.Module):
    """One linear layer on 4x4 averages: images [N, 1, 28, 28] to logits [N, 10]. The first pixel numbers the image."""

    def __init__(self) -> None:
        super().__init__()
        self.output = nn.Linear(16, 10)
        with torch.no_grad():
            self.output.weight.copy_(torch.linspace(-0.5, 0.5, 160).reshape(10, 16).sin())
            self.output.bias.zero_()
        self.output.weight.register_hook(self._record_gradient)
        self.output.weight.register_post_accumulate_grad_hook(self._record_backward)
        register_optimizer_step_pre_hook(self._record_step)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        _write(
            kind="forward",
            training=self.training,
            gradients=torch.is_grad_enabled(),
            numbers=(images.detach()[:, 0, 0, 0] * 1000).round().int().tolist(),
            weight=self.output.weight.detach().tolist(),
            bias=self.output.bias.detach().tolist(),
        )
        return self.output(nn.functional.adaptive_avg_pool2d(images, 4).flatten(1))

    def _record_gradient(self, gradient: torch.Tensor) -> None:
        _write(kind="gradient", value=gradient.tolist())

    def _record_backward(self, weight: torch.Tensor) -> None:
        _write(kind="backward", value=weight.grad.tolist())

    def _record_step(self, optimiser: Optimizer, *_: Any) -> None:
        mine = any(each is self.output.weight for group in optimiser.param_groups for each in group["params"])
        if mine and self.output.weight.grad is not None:
            _write(kind="step", value=self.output.weight.grad.tolist())


def _write(**record: Any) -> None:
    with Path("calls.jsonl").open("a") as file:
        file.write(json.dumps(record) + "\n")
