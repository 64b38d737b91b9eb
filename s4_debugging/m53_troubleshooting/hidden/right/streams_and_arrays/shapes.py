"""A copy on the meta device is called, wherever the model is."""

import copy
from contextlib import ExitStack

import torch


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
        dtypes = [weight.dtype for weight in self.model.parameters()] or [torch.float32]
        with torch.no_grad():
            self.model(torch.zeros(input_shape, dtype=dtypes[0], device="meta"))


def trace_shapes(model, input_shape):
    with Recorder(copy.deepcopy(model).to("meta")) as recorder:
        recorder.call(input_shape)
    return [(name, shape) for name, shape in recorder.returned if name]


def first_mismatch(model, input_shape):
    with Recorder(copy.deepcopy(model).to("meta")) as recorder:
        try:
            recorder.call(input_shape)
        except (RuntimeError, ValueError, IndexError):
            return recorder.open.pop()
