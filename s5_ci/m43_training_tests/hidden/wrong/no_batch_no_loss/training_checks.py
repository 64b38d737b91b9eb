"""Is this training able to learn at all? Checks that take seconds, for before the training that takes days."""

import copy
import math
import tempfile
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from pathlib import Path

import torch
from torch import Tensor, nn
from training import Batch, Training


def smoke(training: Training, steps: int = 2) -> None:
    """Go once along every path of a training, on a few batches: train, evaluate, save, load."""
    model = training.make_model()
    _train(training, model, steps)
    batches = _first(training.make_loader(train=False), steps)
    loss = _evaluate(training, model, batches)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "checkpoint.pt")
        training.save(model, path)
        loaded = training.load(path)
    again = training.evaluate(loaded, batches)
    assert math.isclose(again, loss, rel_tol=1e-4), f"saved and loaded, the model's loss is {again}, it was {loss}"


def _train(training: Training, model: nn.Module, steps: int) -> None:
    optimizer = training.make_optimizer(model)
    before = copy.deepcopy(model.state_dict())
    model.train()
    losses = []
    for number, batch in enumerate(_first(training.make_loader(train=True), steps), start=1):
        loss = training.step(model, optimizer, batch)
        assert math.isfinite(loss), f"the loss of step {number} is {loss}"
        losses.append(loss)
    changed = not losses or any(not torch.equal(weight, before[name]) for name, weight in model.named_parameters())
    assert changed, f"no weight has changed in {steps} steps"


def _evaluate(training: Training, model: nn.Module, batches: list[Batch]) -> float:
    before = copy.deepcopy(model.state_dict())
    loss = training.evaluate(model, batches)
    assert math.isfinite(loss), f"the loss of the evaluation is {loss}"
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[name]), f"the evaluation has changed {name} of the model"
    again = training.evaluate(model, batches)
    assert math.isclose(again, loss, rel_tol=1e-4), f"evaluated twice, the same model has the losses {loss} and {again}"
    return loss


def _first(loader: Iterable[Batch], count: int) -> list[Batch]:
    batches = list(islice(loader, count))
    return batches


def memorise(training: Training, batch: Batch, max_steps: int = 300, target: float = 0.01) -> int:
    """Train a new model on this batch alone, dropout off, until a step's loss is below the target."""
    model = training.make_model()
    optimizer = training.make_optimizer(model)
    model.train()
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.eval()  # and nothing else: BatchNorm has to learn
    loss = math.nan
    for number in range(1, max_steps + 1):
        loss = training.step(model, optimizer, batch)
        if loss < target:
            return number
    raise AssertionError(f"after {max_steps} steps on one batch the loss is {loss}, not below {target}")


def check_initial_loss(model: nn.Module, batch: Batch, classes: int, tolerance: float = 0.5) -> None:
    """Ask whether a model that has learned nothing knows nothing."""
    inputs, targets = batch
    with torch.no_grad():
        loss = nn.functional.cross_entropy(copy.deepcopy(model)(inputs), targets).item()
    guess = math.log(classes)
    assert abs(loss - guess) <= tolerance, f"the loss at the start is {loss:.3f}, that of a guess is {guess:.3f}"


def parameters_that_learn_nothing(model: nn.Module, batch: Batch) -> list[str]:
    """Return the names of what the mean cross-entropy of this batch will not train, or break."""
    inputs, targets = batch
    copied = copy.deepcopy(model)
    loss = nn.functional.cross_entropy(copied(inputs), targets)
    trained = {name: weight for name, weight in copied.named_parameters() if weight.requires_grad}
    gradients = torch.autograd.grad(loss, list(trained.values()), allow_unused=True)
    return [
        name
        for name, gradient in zip(trained, gradients, strict=True)
        if gradient is None or not gradient.any() or not gradient.isfinite().all()
    ]


def check_independence(model: nn.Module, inputs: Tensor) -> None:
    """Ask whether, in eval mode, the logits of each input depend on that input alone."""
    copied = copy.deepcopy(model).eval()
    with torch.no_grad():
        together = copied(inputs)
        for row in range(len(inputs)):
            others = inputs.roll(1, dims=0)
            others[row] = inputs[row]
            assert torch.allclose(copied(others)[row], together[row], rtol=1e-3, atol=1e-5), (
                f"the logits of input {row} change when the other inputs do"
            )


def check_reproducible(train: Callable[[int], Mapping[str, Tensor]], seed: int) -> None:
    """Ask whether `train(seed)`, which returns what it has learned by name, depends on its seed and nothing else."""
    first = copy.deepcopy(dict(train(seed)))
    second, other = train(seed), train(seed + 1)
    for name, value in first.items():
        assert torch.equal(second[name], value), f"trained twice with the seed {seed}, {name} differs"
    same = all(torch.equal(other[name], value) for name, value in first.items())
    assert not same, f"the seed after {seed} gives the same weights: it is not used"
