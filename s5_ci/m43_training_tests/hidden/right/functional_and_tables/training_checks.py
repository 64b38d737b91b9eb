"""The checks in a functional style: `functional_call` with tensors of our own, and a Jacobian."""

import math
import tempfile
from functools import partial
from operator import itemgetter
from pathlib import Path

import torch
from torch.func import functional_call
from torch.nn.functional import cross_entropy


def clones(model):
    return {name: value.detach().clone() for name, value in model.state_dict(keep_vars=False).items()}


def same(one, two):
    return one.keys() == two.keys() and all(map(torch.equal, one.values(), map(two.get, one)))


def take(count, loader):
    iterator = iter(loader)
    taken = []
    for _ in range(count):
        try:
            taken.append(next(iterator))
        except StopIteration:
            break
    return taken


def smoke(training, steps=2):
    model = training.make_model().train()
    step = partial(training.step, model, training.make_optimizer(model))
    start = {name: value.detach().clone() for name, value in model.named_parameters()}
    losses = list(map(step, take(steps, training.make_loader(train=True))))
    trained = clones(model)
    batches = take(steps, training.make_loader(train=False))
    evaluations = [training.evaluate(model, batches) for _ in "ab"]
    evaluated = clones(model)
    with tempfile.TemporaryDirectory(prefix="smoke") as folder:
        path = Path(folder).joinpath("model.bin")
        training.save(model, path)
        evaluations.append(training.evaluate(training.load(path), batches))
    verdicts = {
        "there are training batches": bool(losses),
        "there are validation batches": bool(batches),
        "each loss is finite": all(map(math.isfinite, losses + evaluations)),
        "training moves a parameter": not same(start, {name: trained[name] for name in start}),
        "evaluation moves nothing": same(trained, evaluated),
        "evaluation repeats itself": math.isclose(*evaluations[:2], rel_tol=1e-3),
        "a checkpoint restores the model": math.isclose(*evaluations[1:], rel_tol=1e-3),
    }
    untrue = [claim for claim, holds in verdicts.items() if not holds]
    if untrue:
        raise AssertionError("not so: " + "; ".join(untrue))


def memorise(training, batch, max_steps=300, target=0.01):
    model = training.make_model().train()
    step = partial(training.step, model, training.make_optimizer(model), batch)

    def without_dropout(module):
        if isinstance(module, torch.nn.Dropout):
            module.forward = lambda values: values

    model.apply(without_dropout)
    for made in range(max_steps):
        if (loss := step()) < target:
            return made + 1
    raise AssertionError("{:.4f} is the loss after {} steps".format(loss, max_steps))


def loss_of(model, batch, weights):
    """The loss of a model whose weights and buffers are ours, so that its own stay as they are."""
    buffers = {name: buffer.clone() for name, buffer in model.named_buffers()}
    return cross_entropy(functional_call(model, {**weights, **buffers}, batch[:1]), batch[1])


def check_initial_loss(model, batch, classes, tolerance=0.5):
    loss = loss_of(model, batch, dict(model.named_parameters())).item()
    if not math.isclose(loss, math.log(classes), rel_tol=0, abs_tol=tolerance):
        raise AssertionError(f"{loss} is not the loss of a model that knows nothing of {classes} classes")


def parameters_that_learn_nothing(model, batch):
    weights = {
        name: weight.detach().clone().requires_grad_(weight.requires_grad) for name, weight in model.named_parameters()
    }
    loss_of(model, batch, weights).backward()

    def size(weight):
        return 0.0 if weight.grad is None else float(weight.grad.double().norm())

    sizes = [(name, size(weight)) for name, weight in weights.items() if weight.requires_grad]
    return [*map(itemgetter(0), filter(lambda entry: not (0 < entry[1] < math.inf), sizes))]


def check_independence(model, inputs):
    modes = {module: module.training for module in model.modules()}
    try:
        model.eval()
        jacobian = torch.autograd.functional.jacobian(model, inputs.clone())
    finally:
        for module, mode in modes.items():
            module.training = mode
    touched = jacobian.movedim(1, -1).flatten(2).abs().sum(-1) > 1e-5
    strangers = touched & ~torch.eye(len(inputs), dtype=torch.bool)
    if strangers.any():
        raise AssertionError(f"pairs of logits and inputs that should not meet: {strangers.nonzero().tolist()}")


def check_reproducible(train, seed):
    def copy(learned):
        return {name: value.clone() for name, value in learned.items()}

    results = {number: [copy(train(number)) for _ in range(times)] for number, times in ((seed, 3), (seed + 1, 1))}
    if not all(same(results[seed][0], other) for other in results[seed][1:]):
        raise AssertionError("the seed does not say it all")
    if same(results[seed][0], results[seed + 1][0]):
        raise AssertionError("the seed says nothing")
