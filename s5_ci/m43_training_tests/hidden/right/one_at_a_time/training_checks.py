"""Short checks: bare conditions with `assert`, each input by itself."""

import math
import shutil
import tempfile
from copy import deepcopy
from pathlib import Path

import torch
from torch import nn

from training import Batch, Training


def smoke(training: Training, steps: int = 2) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        _smoke(training, steps, folder)
    finally:
        shutil.rmtree(folder)


def _smoke(training: Training, steps: int, folder: Path) -> None:
    training_batches = iter(training.make_loader(train=True))
    model = training.make_model()
    untrained = deepcopy(model)
    optimizer = training.make_optimizer(model)
    model.train()
    made = 0
    while made < steps:
        batch = next(training_batches, None)
        if batch is None:
            break
        loss = training.step(model, optimizer, batch)
        made += 1
        assert -math.inf < loss < math.inf, f"loss {loss} in step {made}"
    assert made, "nothing to train on"
    assert not all(
        torch.equal(old, new) for old, new in zip(untrained.parameters(), model.parameters(), strict=True)
    ), "the model after training is the model before it"

    validation = [batch for batch, _ in zip(training.make_loader(train=False), range(steps))]
    assert validation, "nothing to validate on"
    copied = deepcopy(model)
    first = training.evaluate(model, validation)
    assert -math.inf < first < math.inf, f"validation loss {first}"
    assert abs(training.evaluate(model, validation) - first) < 1e-4 * abs(first) + 1e-6, "two evaluations, two losses"
    for (name, old), (_, new) in zip(copied.state_dict().items(), model.state_dict().items(), strict=True):
        assert torch.equal(old, new), f"{name} is another after the evaluation"

    training.save(model, folder / "weights.pt")
    loaded = training.load(folder / "weights.pt")
    assert abs(training.evaluate(loaded, validation) - first) < 1e-4 * abs(first) + 1e-6, "loaded is not what was saved"


def memorise(training: Training, batch: Batch, max_steps: int = 300, target: float = 0.01) -> int:
    model = training.make_model()
    optimizer = training.make_optimizer(model)
    model.train().apply(lambda module: module.eval() if type(module) is nn.Dropout else None)
    steps, loss = 0, float("inf")
    while not loss < target:
        assert steps < max_steps, "the loss after " + str(steps) + " steps: " + str(round(loss, 3))
        loss = training.step(model, optimizer, batch)
        steps += 1
    return steps


def check_initial_loss(model, batch, classes, tolerance=0.5):
    inputs, targets = batch
    logits = deepcopy(model).eval()(inputs)
    probabilities = logits.log_softmax(1).gather(1, targets[:, None])
    assert -probabilities.mean().item() - math.log(classes) == _between(tolerance), "not the loss of a guess"


class _between:
    def __init__(self, tolerance):
        self.tolerance = tolerance

    def __eq__(self, distance):
        return -self.tolerance <= distance <= self.tolerance


def parameters_that_learn_nothing(model, batch):
    twin = deepcopy(model).train()
    for parameter in twin.parameters():
        parameter.grad = None
    nn.CrossEntropyLoss()(twin(batch[0]), batch[1]).backward()
    largest = {
        name: 0.0 if weight.grad is None else weight.grad.abs().max().item()
        for name, weight in twin.named_parameters()
        if weight.requires_grad
    }
    return sorted(name for name, size in largest.items() if not 0 < size < math.inf)


def check_independence(model, inputs):
    twin = deepcopy(model).eval()
    together = twin(inputs)
    alone = torch.cat([twin(inputs[row : row + 1]) for row in range(len(inputs))])
    worst = (together - alone).abs().max().item()
    assert worst < 1e-4, f"together and alone an input's logits differ by up to {worst}"


def check_reproducible(train, seed):
    runs = [dict(deepcopy(train(number))) for number in (seed, seed + 17, seed)]
    bits = [{name: value.numpy().tobytes() for name, value in run.items()} for run in runs]
    assert bits[0] == bits[2], "one seed, two results"
    assert bits[0] != bits[1], "two seeds, one result"
