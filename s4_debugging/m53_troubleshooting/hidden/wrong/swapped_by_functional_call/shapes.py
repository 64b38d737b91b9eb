"""The model is called by functional_call, with weights on meta, wherever its own are."""

from contextlib import ExitStack

import torch
from torch.func import functional_call


class Recorder:
    def __init__(self, model):
        self.model, self.open, self.returned = model, [], []
        self.stack = ExitStack()

    def __enter__(self):
        for name, module in self.model.named_modules():
            self.stack.callback(setattr, module, "training", module.training)
            for handle in (
                module.register_forward_pre_hook(self.entering(name)),
                module.register_forward_hook(self.leaving(name)),
            ):
                self.stack.callback(handle.remove)
        for module in self.model.modules():
            module.training = False
        return self

    def __exit__(self, *exception):
        self.stack.close()

    def entering(self, name):
        return lambda module, args: self.open.append((name, tuple(args[0].shape)))

    def leaving(self, name):
        def hook(module, args, output):
            del self.open[-1]
            self.returned.append((name, tuple(output.shape if torch.is_tensor(output) else output[0].shape)))

        return hook

    def call(self, input_shape):
        tensors = {**dict(self.model.named_parameters()), **dict(self.model.named_buffers())}
        meta = {name: torch.empty_like(tensor, device="meta") for name, tensor in tensors.items()}
        dtypes = [weight.dtype for weight in self.model.parameters()] or [torch.float32]
        with torch.no_grad():
            functional_call(self.model, meta, (torch.zeros(input_shape, dtype=dtypes[0], device="meta"),))


def trace_shapes(model, input_shape):
    with Recorder(model) as recorder:
        recorder.call(input_shape)
    return [(name, shape) for name, shape in recorder.returned if name]


def first_mismatch(model, input_shape):
    with Recorder(model) as recorder:
        try:
            recorder.call(input_shape)
        except (RuntimeError, ValueError, IndexError):
            return recorder.open.pop()
