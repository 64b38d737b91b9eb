"""All calls are written down; the culprit is looked for afterwards. Sums are those of exact fractions."""

import copy
from fractions import Fraction
from math import isfinite, sqrt

import torch


def numbers(values):
    if isinstance(values, (list, tuple)):
        return [number for value in values for number in numbers(value)]
    return values.flatten().tolist()


def first_not_finite(model, batch):
    if not all(map(isfinite, numbers(batch))):
        raise ValueError("not a finite batch")
    twin, table, handles = copy.deepcopy(model), [], []
    for name, module in twin.named_modules():
        handles.append(
            module.register_forward_hook(lambda _, x, y, name=name: table.append((name, numbers(x), numbers(y))))
        )
    twin(batch)
    for name, given, gave in table:
        if all(map(isfinite, given)) and not all(map(isfinite, gave)):
            return name
    return None


def mean_and_std(batches):
    count, total, squares = 0, Fraction(0), Fraction(0)
    for batch in batches:
        for value in batch.flatten().tolist():
            exact = Fraction(value)
            count += 1
            total += exact
            squares += exact * exact
    if not count:
        raise ValueError("mean_and_std was given no batch")
    mean = total / count
    return float(mean), sqrt(squares / count - mean * mean)
