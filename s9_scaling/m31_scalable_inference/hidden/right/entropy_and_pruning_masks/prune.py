"""Take the weights out that matter least."""

from copy import deepcopy

from torch import nn
from torch.nn.utils import prune


class Layers(list):
    def __init__(self, model):
        super().__init__(m for m in model.modules() if isinstance(m, nn.Linear | nn.Conv2d))

    @property
    def size(self):
        return sum(m.weight.numel() for m in self)


def sparsity(model):
    layers = Layers(model)
    return sum((m.weight == 0).sum().item() for m in layers) / max(layers.size, 1)


def prune_model(model, amount=0.2):
    twin = deepcopy(model)
    layers = Layers(twin)
    order = {id(m): [name for name, _ in m.named_parameters(recurse=False)] for m in layers}
    count = round(amount * layers.size)
    if count:
        prune.global_unstructured([(m, "weight") for m in layers], prune.L1Unstructured, amount=count)
        for m in layers:
            prune.remove(m, "weight")
            for name in order[id(m)]:  # weight first again
                m._parameters[name] = m._parameters.pop(name)
    return twin
