"""Is this training able to learn at all? Checks that take seconds, for before the training that takes days.

A check that finds a fault raises an AssertionError, and its message says what was found.
"""

import math
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain, cycle, islice
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from training import Batch, Training


def refuse_if(fault: bool, message: str) -> None:
    """An assertion that `python -O` does not remove."""
    if fault:
        raise AssertionError(message)


def tensors_of(model: nn.Module) -> dict[str, Tensor]:
    """All parameters and buffers by name, also the buffers that no state_dict has."""
    return dict(chain(model.named_parameters(), model.named_buffers()))


def copies_of(model: nn.Module) -> dict[str, Tensor]:
    return {name: tensor.detach().clone() for name, tensor in tensors_of(model).items()}


def same(a: Tensor, b: Tensor) -> bool:
    """Equal, and a nan is equal to a nan."""
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    return bool(((a == b) | ((a != a) & (b != b))).all())


@contextmanager
def borrowed(model: nn.Module, evaluating: bool = False) -> Iterator[None]:
    """Lend the model, and afterwards put back what has changed: modes, weights, buffers, the random numbers."""
    modes = [(module, module.training) for module in model.modules()]
    buffers = [(module, dict(module._buffers)) for module in model.modules()]
    originals = tensors_of(model)
    values = copies_of(model)
    try:
        with torch.random.fork_rng(devices=[]):
            if evaluating:
                model.eval()
            yield
    finally:
        for module, registered in buffers:
            module._buffers.update(registered)
        with torch.no_grad():
            for name, tensor in originals.items():
                if not same(tensor.detach(), values[name]):
                    tensor.copy_(values[name])
        for module, training in modes:
            module.training = training


def smoke(training: Training, steps: int = 2) -> None:
    model = training.make_model()
    model.train()
    optimizer = training.make_optimizer(model)

    batches = list(islice(training.make_loader(True), steps))
    refuse_if(not batches, "the loader of the training set has no batch")
    before = {name: weight.detach().clone() for name, weight in model.named_parameters()}
    for number, batch in enumerate(islice(cycle(batches), steps), start=1):
        loss = float(training.step(model, optimizer, batch))
        refuse_if(not math.isfinite(loss), f"the loss of step {number} is {loss}")
    after = dict(model.named_parameters())
    refuse_if(
        before.keys() == after.keys() and all(same(before[name], after[name].detach()) for name in before),
        f"no weight has changed in {steps} steps",
    )

    batches = list(islice(training.make_loader(False), steps))
    refuse_if(not batches, "the loader of the validation set has no batch")
    tensors, modes = copies_of(model), [module.training for module in model.modules()]
    losses = []
    for _ in range(2):
        losses.append(float(training.evaluate(model, batches)))
        refuse_if(not math.isfinite(losses[-1]), f"the loss of the evaluation is {losses[-1]}")
        now = tensors_of(model)
        changed = [n for n in tensors.keys() | now.keys() if n not in now or n not in tensors or not same(tensors[n], now[n].detach())]
        refuse_if(bool(changed), f"the evaluation has changed {', '.join(sorted(changed))}")
        refuse_if(
            modes != [module.training for module in model.modules()],
            "the evaluation left the model in another mode than it came in",
        )
    refuse_if(
        not math.isclose(*losses, rel_tol=1e-4, abs_tol=1e-6),
        f"the evaluation gave {losses[0]} and then, on the same batches, {losses[1]}",
    )

    def says(model: nn.Module) -> list[Tensor]:
        model.eval()
        with torch.no_grad():
            return [model(inputs.clone()).clone() for inputs, _ in batches]

    expected = says(model)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.ckpt")
        try:
            training.save(model, path)
            loaded = training.load(path)
        except Exception as error:
            raise AssertionError(f"the model cannot be saved and loaded: {error!r}") from error
        refuse_if(loaded is model, "loading gave back the very model that was saved, and none from the file")
        answers = says(loaded)
        del loaded
    for old, new in zip(expected, answers, strict=True):
        refuse_if(
            old.shape != new.shape or not torch.allclose(old, new, rtol=1e-4, atol=1e-5, equal_nan=True),
            "the loaded model does not say what the saved one said",
        )


def memorise(training: Training, batch: Batch, max_steps: int = 300, target: float = 0.01) -> int:
    model = training.make_model().train()
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.eval()
    optimizer = training.make_optimizer(model)
    loss = math.nan
    for made in range(1, max_steps + 1):
        loss = training.step(model, optimizer, batch)
        if loss < target:
            return made
    raise AssertionError(f"after {max_steps} steps on one batch the loss is {loss:.6f}, and not below {target}")


def check_initial_loss(model: nn.Module, batch: Batch, classes: int, tolerance: float = 0.5) -> None:
    inputs, targets = batch
    with borrowed(model), torch.no_grad():
        loss = F.cross_entropy(model(inputs.clone()), targets).item()
    guess = math.log(classes)
    refuse_if(
        not abs(loss - guess) <= tolerance,
        f"a model that knows nothing has a loss of about {guess:.2f} for {classes} classes, this one {loss:.2f}",
    )


def parameters_that_learn_nothing(model: nn.Module, batch: Batch) -> list[str]:
    inputs, targets = batch
    learning = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
    if not learning:
        return []
    with borrowed(model), torch.enable_grad():
        loss = F.cross_entropy(model(inputs.detach().clone()), targets)
        if not loss.requires_grad:
            return list(learning)
        # unlike loss.backward(), this leaves every .grad alone
        gradients = torch.autograd.grad(loss, list(learning.values()), allow_unused=True)
    idle = []
    for name, gradient in zip(learning, gradients, strict=True):
        if gradient is None:
            idle.append(name)
            continue
        dense = gradient.to_dense() if gradient.is_sparse else gradient
        if not dense.isfinite().all() or not dense.any():
            idle.append(name)
    return idle


def check_independence(model: nn.Module, inputs: Tensor) -> None:
    inputs = inputs.detach()
    size = len(inputs)
    scale = max(inputs.std().item(), 1e-3)
    noise = torch.randn(inputs.shape, generator=torch.Generator().manual_seed(0)).to(inputs) * scale
    changes = (inputs.roll(1, 0), inputs + noise, 10 * noise)

    def logits(x: Tensor) -> Tensor:
        with borrowed(model, evaluating=True), torch.no_grad():
            torch.manual_seed(0)
            return model(x.clone()).clone()

    plain = logits(inputs)
    refuse_if(plain.shape[0] != size, f"{size} inputs give logits of the shape {tuple(plain.shape)}")
    slack = 1e-5 * max(1.0, plain[plain.isfinite()].abs().max().item() if plain.isfinite().any() else 1.0)
    for changed in range(size):
        others = [row for row in range(size) if row != changed]
        for change in changes:
            x = inputs.clone()
            x[changed] = change[changed]
            now = logits(x)
            refuse_if(
                not torch.allclose(now[others], plain[others], rtol=1e-4, atol=slack, equal_nan=True),
                f"the logits of other inputs change with input {changed}",
            )


def check_reproducible(train: Callable[[int], Mapping[str, Tensor]], seed: int) -> None:
    def bits(of: int) -> dict[str, tuple[str, tuple[int, ...], bytes]]:
        learned = {}
        for name, tensor in train(of).items():
            flat = tensor.detach().cpu().contiguous().reshape(-1)
            learned[name] = (str(flat.dtype), tuple(tensor.shape), flat.view(torch.uint8).numpy().tobytes())
        return learned

    first, second, other, third = (bits(s) for s in (seed, seed, seed + 1, seed))
    for again in (second, third):
        differ = sorted(n for n in first.keys() | again.keys() if first.get(n) != again.get(n))
        refuse_if(bool(differ), f"two trainings with the seed {seed} differ in {', '.join(map(str, differ))}")
    refuse_if(first == other, f"the seeds {seed} and {seed + 1} give the same result: the seed is not used")
