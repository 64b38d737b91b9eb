"""Which shape goes where? Hooks tell, and on the meta device the answer costs no memory and no time."""

import sys

import torch
from torch import nn


def first_tensor(thing):
    if torch.is_tensor(thing):
        return thing
    if isinstance(thing, (tuple, list)):
        return next((found for found in map(first_tensor, thing) if found is not None), None)
    return None


class Inspection:
    """Runs a model once in evaluation mode with zeros, under hooks, and puts everything back."""

    def __init__(self, model: nn.Module, input_shape):
        self.model, self.input_shape = model, tuple(input_shape)
        self.names = dict((id(module), name) for name, module in model.named_modules())
        self.handles = []

    def entered(self, module, args):
        pass

    def left(self, module, args, output):
        pass

    def run(self):
        modes = {module: module.training for module in self.model.modules()}
        values = [(tensor, tensor.clone()) for tensor in self.model.buffers()]
        try:
            for module in self.model.modules():
                self.handles.append(module.register_forward_pre_hook(self.entered))
                self.handles.append(module.register_forward_hook(self.left, always_call=True))
                module.training = False
            device, dtype = torch.device("cpu"), torch.float32
            for parameter in self.model.parameters():
                device, dtype = parameter.device, parameter.dtype
                break
            with torch.no_grad():
                self.model(torch.zeros(self.input_shape, dtype=dtype, device=device))
        finally:
            while self.handles:
                self.handles.pop().remove()
            for module, mode in modes.items():
                module.training = mode
            with torch.no_grad():
                for tensor, value in values:
                    tensor.copy_(value)
        return self


class Trace(Inspection):
    def __init__(self, model, input_shape):
        super().__init__(model, input_shape)
        self.entries = []

    def left(self, module, args, output):
        tensor = first_tensor(output)
        if module is not self.model and tensor is not None:
            self.entries.append((self.names[id(module)], tuple(tensor.shape)))


class Break(Inspection):
    """Remembers which module an exception left first."""

    def __init__(self, model, input_shape):
        super().__init__(model, input_shape)
        self.inputs, self.error, self.where = [], None, None

    def entered(self, module, args):
        tensor = first_tensor(args)
        self.inputs.append(() if tensor is None else tuple(tensor.shape))

    def left(self, module, args, output):
        shape = self.inputs.pop()
        error = sys.exc_info()[1]
        if output is None and error is not None and error is not self.error:
            self.error, self.where = error, (self.names[id(module)], shape)


def trace_shapes(model: nn.Module, input_shape: tuple[int, ...]) -> list[tuple[str, tuple[int, ...]]]:
    """Return name and output shape of each call of each module inside `model`, in the order in which calls return."""
    return Trace(model, input_shape).run().entries


def first_mismatch(model: nn.Module, input_shape: tuple[int, ...]) -> tuple[str, tuple[int, ...]] | None:
    """Return the name of the innermost module in whose forward the pass broke off, and the shape of its first input."""
    attempt = Break(model, input_shape)
    try:
        attempt.run()
    except (NotImplementedError, RecursionError, torch.OutOfMemoryError):
        raise  # RuntimeErrors, but not about shapes
    except (RuntimeError, ValueError, IndexError):
        return attempt.where
    return None
