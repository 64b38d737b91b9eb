"""Which shape goes where? Hooks tell, and on the meta device the answer costs no memory and no time."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import nn


def zeros_for(model: nn.Module, input_shape: tuple[int, ...]) -> torch.Tensor:
    return torch.zeros(input_shape)


@contextlib.contextmanager
def left_as_it_was(model: nn.Module) -> Iterator[None]:
    """Give each module its mode back in the end."""
    modes = [(module, module.training) for module in model.modules()]
    try:
        yield
    finally:
        for module, mode in modes:
            module.training = mode


@contextlib.contextmanager
def watched(model: nn.Module, begin: Callable[[str, Any], None], end: Callable[[str, Any], None]) -> Iterator[None]:
    """Call `begin` with name and inputs when a module is called, and `end` with name and output when it returns."""
    handles = []
    try:
        for name, module in model.named_modules():
            handles.append(module.register_forward_pre_hook(lambda _, inputs, name=name: begin(name, inputs)))
            handles.append(module.register_forward_hook(lambda _, __, output, name=name: end(name, output)))
        yield
    finally:
        for handle in handles:
            handle.remove()


def call(model: nn.Module, input_shape: tuple[int, ...]) -> None:
    with left_as_it_was(model), torch.no_grad():
        model.eval()
        model(zeros_for(model, input_shape))


def trace_shapes(model: nn.Module, input_shape: tuple[int, ...]) -> list[tuple[str, tuple[int, ...]]]:
    """Return name and output shape of each call of each module inside `model`, in the order in which calls return."""
    shapes: list[tuple[str, tuple[int, ...]]] = []

    def end(name: str, output: Any) -> None:
        tensor = output[0] if isinstance(output, tuple) else output
        if name:
            shapes.append((name, tuple(tensor.shape)))

    with watched(model, lambda *_: None, end):
        call(model, input_shape)
    return shapes


def first_mismatch(model: nn.Module, input_shape: tuple[int, ...]) -> tuple[str, tuple[int, ...]] | None:
    """Return the name of the innermost module in whose forward the pass broke off, and the shape of its first input."""
    running: list[tuple[str, tuple[int, ...]]] = []

    def begin(name: str, inputs: Any) -> None:
        running.append((name, tuple(inputs[0].shape)))

    def end(name: str, output: Any) -> None:
        running.pop()  # what a hook returns would take the output's place

    with watched(model, begin, end):
        try:
            call(model, input_shape)
        except (RuntimeError, ValueError, IndexError):
            return running[-1]
    return None
