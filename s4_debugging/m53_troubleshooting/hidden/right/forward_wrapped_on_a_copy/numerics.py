"""A copy whose forwards are wrapped; and statistics of distances from the first value."""

import copy

import torch


def flat(values):
    if torch.is_tensor(values):
        yield values
    elif isinstance(values, (list, tuple)):
        for value in values:
            yield from flat(value)


def finite(values):
    return all(tensor.isfinite().all().item() for tensor in flat(values))


def first_not_finite(model, batch):
    if not finite(batch):
        raise ValueError("NaN or infinity in the batch")
    twin = copy.deepcopy(model)
    found = []

    def wrap(name, forward):
        def wrapped(*inputs):
            before = finite(inputs)
            outputs = forward(*inputs)
            if before and not finite(outputs):
                found.append(name)
            return outputs

        return wrapped

    for name, module in twin.named_modules():
        module.forward = wrap(name, module.forward)
    twin(batch)
    return next(iter(found), None)


def mean_and_std(batches):
    origin, n, total, squares = None, 0, 0.0, 0.0
    for batch in batches:
        values = batch.to(torch.float64)
        if origin is None:
            origin = values.flatten()[0].item()
        values = values - origin
        n += values.numel()
        total += values.sum().item()
        squares += (values * values).sum().item()
    if not n:
        raise ValueError("no values")
    return origin + total / n, max(0.0, squares / n - (total / n) ** 2) ** 0.5
