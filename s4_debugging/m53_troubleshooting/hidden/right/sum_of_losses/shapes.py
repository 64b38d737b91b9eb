"""Which shape goes where? Hooks tell, and on the meta device the answer costs no memory and no time."""

import contextlib
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn


def tensors_in(value: Any) -> Iterator[torch.Tensor]:
    """All tensors of a tensor, a list, a tuple or a dict, however nested, in order."""
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, dict):
        yield from tensors_in(list(value.values()))
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from tensors_in(item)


def shape_of(value: Any) -> tuple[int, ...] | None:
    first = next(tensors_in(value), None)
    return None if first is None else tuple(first.shape)


@contextlib.contextmanager
def untouched(model: nn.Module) -> Iterator[list]:
    """Whatever happens inside, the model comes out as it went in; handles in the list are removed."""
    handles: list = []
    modes = [(module, module.training) for module in model.modules()]
    slots = [
        (table, name, tensor, tensor.detach().clone())
        for module in model.modules()
        for table in (module._parameters, module._buffers)
        for name, tensor in table.items()
        if tensor is not None
    ]
    gradients = [(parameter, parameter.grad) for parameter in model.parameters()]
    try:
        yield handles
    finally:
        for handle in handles:
            handle.remove()
        for module, training in modes:
            module.training = training
        for table, name, tensor, copy in slots:
            table[name] = tensor
            if not tensor.is_meta and not torch.equal(tensor, copy):
                with torch.no_grad():
                    tensor.copy_(copy)
        for parameter, gradient in gradients:
            parameter.grad = gradient


def zeros_for(model: nn.Module, input_shape: tuple[int, ...]) -> torch.Tensor:
    like = next(model.parameters(), torch.empty(0, dtype=torch.float32, device="cpu"))
    return torch.zeros(tuple(input_shape), device=like.device, dtype=like.dtype)


def trace_shapes(model: nn.Module, input_shape: tuple[int, ...]) -> list[tuple[str, tuple[int, ...]]]:
    """Return name and output shape of each call of each module inside `model`, in the order in which calls return."""
    trace: list[tuple[str, tuple[int, ...]]] = []

    def listen(name: str, module: nn.Module):
        def hook(_module: nn.Module, _args: Any, output: Any) -> None:
            shape = shape_of(output)
            if shape is not None:
                trace.append((name, shape))

        return module.register_forward_hook(hook)

    with untouched(model) as handles:
        handles += [listen(name, module) for name, module in model.named_modules() if module is not model]
        model.eval()
        model(zeros_for(model, input_shape))
    return trace


def first_mismatch(model: nn.Module, input_shape: tuple[int, ...]) -> tuple[str, tuple[int, ...]] | None:
    """Return the name of the innermost module in whose forward the pass broke off, and the shape of its first input.

    The traceback knows which calls were under way; the hooks know what these were given.
    """
    names = {module: name for name, module in model.named_modules()}
    given: dict[nn.Module, tuple[int, ...]] = {}

    def note(module: nn.Module, args: tuple, kwargs: dict) -> None:
        given[module] = shape_of([args, kwargs]) or ()

    with untouched(model) as handles:
        handles += [module.register_forward_pre_hook(note, with_kwargs=True) for module in names]
        model.eval()
        try:
            model(zeros_for(model, input_shape))
        except (RuntimeError, ValueError, IndexError) as error:
            if type(error) not in (RuntimeError, ValueError, IndexError):
                raise  # NotImplementedError, OutOfMemoryError and others are RuntimeErrors as well
            blamed, step = model, error.__traceback__
            while step is not None:
                owner = step.tb_frame.f_locals.get("self")
                if step.tb_frame.f_code.co_name == "_call_impl" and isinstance(owner, nn.Module) and owner in names:
                    blamed = owner
                step = step.tb_next
            return names[blamed], given.get(blamed, tuple(input_shape))
    return None
