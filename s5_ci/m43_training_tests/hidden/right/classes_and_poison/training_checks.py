"""The checks as one class a subject; inputs are poisoned with NaN, and what turns NaN was touched by them."""

import abc
import io
import itertools
import math
import os
import tempfile
from pathlib import Path

import numpy as np
import torch


class Fault(AssertionError):
    """What a check has found."""


class Check(abc.ABC):
    @abc.abstractmethod
    def faults(self):
        """Yield every fault, in words."""

    def raise_first(self):
        for fault in self.faults():
            raise Fault(fault)


def frozen_copy(model):
    stream = io.BytesIO()
    torch.save(model, stream)
    stream.seek(0)
    return torch.load(stream, weights_only=False)


def as_numbers(model):
    return {key: np.array(value.tolist()) for key, value in model.state_dict().items()}


class Smoke(Check):
    def __init__(self, training, steps):
        self.training, self.steps = training, steps

    def faults(self):
        model = self.training.make_model()
        weights = [parameter.detach().numpy().copy() for parameter in model.parameters()]
        batches = list(zip(range(self.steps), self.training.make_loader(train=True)))
        if len(batches) == 0:
            yield "there is no batch to train on"
        optimizer = self.training.make_optimizer(model)
        model.train()
        for number, batch in batches:
            loss = self.training.step(model, optimizer, batch)
            if np.isnan(loss) or np.isinf(loss):
                yield f"step {number}: {loss}"
        if all((old == new.detach().numpy()).all() for old, new in zip(weights, model.parameters())):
            yield "the weights are those of the start"
        yield from self.faults_of_evaluation(model)

    def faults_of_evaluation(self, model):
        validation = [batch for _, batch in zip(range(self.steps), self.training.make_loader(train=False))]
        if not validation:
            yield "there is no batch to validate on"
        before = as_numbers(model)
        losses = np.array([self.training.evaluate(model, validation), self.training.evaluate(model, validation)])
        if not np.isfinite(losses).all():
            yield f"validation: {losses}"
        if not np.allclose(losses[0], losses[1], rtol=1e-4):
            yield f"validation is not the same twice: {losses}"
        after = as_numbers(model)
        if any(not np.array_equal(before[key], after[key], equal_nan=True) for key in before):
            yield "validation has touched the model"
        handle, path = tempfile.mkstemp(suffix=".pt")
        os.close(handle)
        self.training.save(model, Path(path))
        loaded = self.training.load(Path(path))
        Path(path).unlink()
        was = model.training
        model.eval()
        loaded.eval()
        for inputs, _ in validation:
            if not np.allclose(model(inputs).tolist(), loaded(inputs).tolist(), rtol=1e-4, atol=1e-5):
                yield "what was loaded is not what was saved"
        model.train(was)


def smoke(training, steps=2):
    Smoke(training, steps).raise_first()


def memorise(training, batch, max_steps=300, target=0.01):
    model = training.make_model()
    model.train(True)
    for name, module in model.named_modules():
        if module.__class__.__name__ == "Dropout":
            module.train(False)
    optimizer = training.make_optimizer(model)
    losses = (training.step(model, optimizer, batch) for _ in itertools.repeat(None, max_steps))
    history = []
    for loss in losses:
        history.append(loss)
        if history[-1] < target:
            break
    else:
        raise Fault(f"last losses: {[f'{loss:.2f}' for loss in history[-3:]]}".replace("'", ""))
    return len(history)


class InitialLoss(Check):
    def __init__(self, model, batch, classes, tolerance):
        self.model, self.batch, self.classes, self.tolerance = frozen_copy(model), batch, classes, tolerance

    def faults(self):
        logits = self.model(self.batch[0]).double()
        losses = logits.logsumexp(1) - logits[torch.arange(len(logits)), self.batch[1]]
        distance = np.abs(losses.mean().item() + math.log(1 / self.classes))
        if not distance <= self.tolerance:
            yield f"the first loss is {distance:.2f} from that of a guess"


def check_initial_loss(model, batch, classes, tolerance=0.5):
    InitialLoss(model, batch, classes, tolerance).raise_first()


def parameters_that_learn_nothing(model, batch):
    copied = frozen_copy(model)
    seen = {}
    for name, parameter in copied.named_parameters():
        parameter.grad = None
        if parameter.requires_grad:
            seen[name] = parameter
    torch.nn.functional.nll_loss(copied(batch[0]).log_softmax(-1), batch[1]).backward()
    useful = {
        name
        for name, parameter in seen.items()
        if parameter.grad is not None and 0 < np.abs(parameter.grad.numpy()).sum(dtype=float) < np.inf
    }
    return list(set(seen) - useful)


class Independence(Check):
    def __init__(self, model, inputs):
        self.model, self.inputs = frozen_copy(model).eval(), inputs.clone()

    def faults(self):
        for row in range(len(self.inputs)):
            poisoned = self.inputs.clone()
            poisoned[row] = float("nan")
            touched = self.model(poisoned).isnan().any(1)
            touched[row] = False
            if touched.any():
                yield f"input {row} reaches {touched.nonzero().flatten().tolist()}"


def check_independence(model, inputs):
    Independence(model, inputs).raise_first()


def check_reproducible(train, seed):
    def digest(learned):
        return {name: tensor.numpy().copy() for name, tensor in learned.items()}

    def equal(one, two):
        return one.keys() == two.keys() and all(np.array_equal(one[name], two[name]) for name in one)

    first, again, other = digest(train(seed)), digest(train(seed)), digest(train(seed ^ 1))
    if not equal(first, again):
        raise Fault(f"{seed=} twice, and two results")
    if equal(first, other):
        raise Fault(f"{seed=} and {seed ^ 1} give one result")
