"""Checks in the style of one who works on the model itself and puts everything back."""

from __future__ import annotations

from contextlib import contextmanager
from math import isfinite, log
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
import torch.nn.functional as F


def refuse_unless(condition, message):
    if not condition:
        raise AssertionError(message)


@contextmanager
def borrowed(model, training=None):
    """The model, to be used; afterwards its modes and buffers are what they were."""
    modes = [(module, module.training) for module in model.modules()]
    buffers = [(buffer, buffer.clone()) for buffer in model.buffers()]
    try:
        if training is not None:
            model.train(training)
        yield model
    finally:
        for module, mode in modes:
            module.training = mode
        with torch.no_grad():
            for buffer, value in buffers:
                buffer.copy_(value)


def fingerprint(model):
    return {name: tensor.detach().clone() for name, tensor in (*model.named_parameters(), *model.named_buffers())}


def first_of(loader, steps, what):
    batches = []
    for batch in loader:
        batches.append(batch)
        if len(batches) == steps:
            break
    refuse_unless(len(batches) > 0, f"no {what} batches")
    return batches


def predictions(model, batches):
    with borrowed(model, training=False), torch.no_grad():
        return torch.cat([model(inputs) for inputs, _ in batches])


def smoke(training, steps=2):
    model = training.make_model()
    optimizer = training.make_optimizer(model)
    validation = first_of(training.make_loader(False), steps, "validation")
    start = fingerprint(model)
    model.train()
    losses = [
        training.step(model, optimizer, batch) for batch in first_of(training.make_loader(True), steps, "training")
    ]
    refuse_unless(all(isfinite(loss) for loss in losses), f"losses: {losses}")
    moved = any(not torch.equal(start[name], weight) for name, weight in model.named_parameters())
    refuse_unless(moved, "training has moved no parameter")

    between = fingerprint(model)
    evaluated = [training.evaluate(model, iter(validation)) for _ in range(3)]
    refuse_unless(all(map(isfinite, evaluated)), f"evaluation: {evaluated}")
    refuse_unless(max(evaluated) - min(evaluated) <= 1e-5 * max(1, abs(evaluated[0])), f"evaluations: {evaluated}")
    after = fingerprint(model)
    refuse_unless(all(torch.equal(between[name], after[name]) for name in between), "evaluation has changed the model")

    with TemporaryDirectory() as folder:
        file = Path(folder) / "model"
        training.save(model, file)
        twin = training.load(file)
    same = torch.allclose(predictions(twin, validation), predictions(model, validation), rtol=1e-4, atol=1e-5)
    refuse_unless(same, "the loaded model predicts something else than the saved one")


def memorise(training, batch, max_steps=300, target=0.01):
    model = training.make_model().train()
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    optimizer = training.make_optimizer(model)
    losses = []
    while len(losses) < max_steps:
        losses.append(training.step(model, optimizer, batch))
        if losses[-1] < target:
            return len(losses)
    refuse_unless(False, f"{max_steps} steps, and the loss went from {losses[0]:.4f} to {losses[-1]:.4f}")


def check_initial_loss(model, batch, classes, tolerance=0.5):
    with borrowed(model), torch.no_grad():
        loss = F.cross_entropy(model(batch[0]), batch[1])
    refuse_unless(log(classes) - tolerance <= loss <= log(classes) + tolerance, f"{loss=}, a guess has {log(classes)}")


def parameters_that_learn_nothing(model, batch):
    kept = {name: parameter.grad for name, parameter in model.named_parameters()}
    model.zero_grad(set_to_none=True)
    with borrowed(model):
        F.cross_entropy(model(batch[0]), batch[1]).backward()
    found = []
    for name, parameter in model.named_parameters():
        gradient, parameter.grad = parameter.grad, kept[name]
        if parameter.requires_grad:
            if gradient is None or not torch.isfinite(gradient).all() or torch.count_nonzero(gradient) == 0:
                found.append(name)
    return found[::-1]


def check_independence(model, inputs):
    asked = inputs.detach().clone().requires_grad_()
    with borrowed(model, training=False):
        for row, row_logits in enumerate(model(asked)):
            for column in range(len(row_logits)):
                (gradient,) = torch.autograd.grad(row_logits[column], asked, retain_graph=True)
                per_input = gradient.flatten(1).abs().amax(1)
                per_input[row] = 0
                refuse_unless(per_input.max() < 1e-6, f"logit {column} of input {row} depends on others: {per_input}")


def check_reproducible(train, seed):
    other = {name: value.clone() for name, value in train(seed + 1).items()}
    one = {name: value.clone() for name, value in train(seed).items()}
    two = train(seed)
    differing = [name for name in one if not torch.equal(one[name], two[name])]
    refuse_unless(not differing, f"{differing} differ though the seed is the same")
    refuse_unless(any(not torch.equal(one[name], other[name]) for name in one), "the seed makes no difference")
