"""Training mode and buffers are put back; gradients are divided at the end of a group."""

from dataclasses import dataclass

import torch

NUMBERS_PER_WEIGHT = {"sgd": 0, "momentum": 1, "adam": 2}


@dataclass(frozen=True)
class TrainingBytes:
    weights: int
    gradients: int
    optimiser: int
    activations: int

    @property
    def total(self) -> int:
        return self.weights + self.gradients + self.optimiser + self.activations


def training_bytes(model, input_shape, optimiser):
    state = {name: buffer.clone() for name, buffer in model.named_buffers()}
    modes = {module: module.training for module in model.modules()}
    first = next(model.parameters())
    everything = list(model.parameters()) + list(model.buffers())
    storages = {}

    def pack(tensor):
        storage = tensor.untyped_storage()
        storages[id(storage)] = storage  # held, so that the id stays its own
        return tensor

    model.train()
    try:
        with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
            model(torch.zeros(input_shape, device=first.device, dtype=first.dtype))
    finally:
        for module, mode in modes.items():
            module.training = mode
        for name, buffer in model.named_buffers():
            buffer.copy_(state[name])
    own = [tensor.untyped_storage() for tensor in everything]
    activations = sum(s.nbytes() for s in storages.values() if all(s is not other for other in own))
    gradients = sum(p.nbytes for p in model.parameters() if p.requires_grad)
    weights = sum(tensor.nbytes for tensor in everything)
    return TrainingBytes(weights, gradients, gradients * NUMBERS_PER_WEIGHT[optimiser], activations)


def find_batch_size(step, start):
    size, done = start, False
    while not done:
        done = True
        try:
            step(size)
        except torch.OutOfMemoryError:
            if size <= 1:
                raise
            done = False
        if not done:
            torch.cuda.empty_cache()
            size //= 2
    return size


def accumulate(model, batches, every, optimiser):
    losses, iterator, more = [], iter(batches), True
    while more:
        optimiser.zero_grad(set_to_none=True)
        rows, loss_sum = 0, 0.0
        for _ in range(every):
            try:
                images, targets = next(iterator)
            except StopIteration:
                more = False
                break
            loss = torch.nn.functional.cross_entropy(model(images), targets) * len(targets)
            loss.backward()
            loss_sum += float(loss.detach())
            rows += len(targets)
        if rows:
            for parameter in model.parameters():
                if parameter.grad is not None:
                    parameter.grad.div_(rows)
            optimiser.step()
            losses.append(loss_sum / rows)
    optimiser.zero_grad()
    return losses
