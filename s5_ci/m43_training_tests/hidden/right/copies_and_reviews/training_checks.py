"""Questions to a training before it runs for a night. Whoever fails one hears an AssertionError with a reason."""

from __future__ import annotations

import copy
import hashlib
import io
import math
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional
from torch import Tensor, nn
from torch.func import functional_call
from training import Batch, Training


def fingerprint(tensor: Tensor) -> bytes:
    """Type, shape and every bit of a tensor."""
    digest = hashlib.sha1(f"{tensor.dtype} {tuple(tensor.shape)} ".encode())
    data = tensor.detach().cpu().contiguous().flatten()
    digest.update(data.view(torch.uint8).numpy() if data.numel() else b"")
    return digest.digest()


class Guest:
    """Somebody else's model, called with copies of all it has, so that nothing of it can change."""

    def __init__(self, model: nn.Module) -> None:
        self.model = model
        self.modes = {module: module.training for module in model.modules()}

    def __enter__(self) -> Guest:
        self.random = torch.get_rng_state()
        self.model.eval()
        return self

    def __exit__(self, *_: object) -> None:
        torch.set_rng_state(self.random)
        for module, mode in self.modes.items():
            module.training = mode

    def weights(self) -> dict[str, Tensor]:
        return {n: p.detach().clone().requires_grad_(p.requires_grad) for n, p in self.model.named_parameters()}

    def __call__(self, inputs: Tensor, weights: dict[str, Tensor] | None = None) -> Tensor:
        torch.set_rng_state(self.random)
        buffers = {n: b.detach().clone() for n, b in self.model.named_buffers()}
        own = self.weights() if weights is None else weights
        return functional_call(self.model, {**own, **buffers}, (inputs.detach().clone(),))


class _Smoke:
    def __init__(self, training: Training, steps: int) -> None:
        self.training, self.steps = training, steps
        self.model = training.make_model()

    def take(self, train: bool) -> list[Batch]:
        taken: list[Batch] = []
        while len(taken) < self.steps:
            before = len(taken)
            for batch in self.training.make_loader(train):
                taken.append(batch)
                if len(taken) == self.steps:
                    break
            if len(taken) == before:
                raise AssertionError(f"no batch in the {'training' if train else 'validation'} loader")
            if not train:
                break
        return taken

    def state(self) -> dict[str, object]:
        everything = [*self.model.named_parameters(), *self.model.named_buffers()]
        marks: dict[str, object] = {name: fingerprint(tensor) for name, tensor in everything}
        marks |= {f"the mode of {name or 'the model'}": module.training for name, module in self.model.named_modules()}
        return marks

    def train(self) -> None:
        self.model.train(True)
        optimizer = self.training.make_optimizer(self.model)
        before = {n: fingerprint(p) for n, p in self.model.named_parameters()}
        for batch in self.take(train=True):
            loss = self.training.step(self.model, optimizer, batch)
            assert math.isfinite(loss), f"a step has the loss {loss}"
        after = {n: fingerprint(p) for n, p in self.model.named_parameters()}
        assert before != after, "training leaves every weight where it was"

    def evaluate(self) -> None:
        before = self.state()
        results = []
        for _ in "ab":
            results.append(self.training.evaluate(self.model, iter(self.batches)))
            assert np.isfinite(results[-1]), f"the evaluation has the loss {results[-1]}"
        after = self.state()
        changed = [what for what in before | after if before.get(what) != after.get(what)]
        assert not changed, "evaluating changes " + ", ".join(changed)
        assert np.isclose(*results, rtol=1e-4, atol=1e-6), "evaluating twice gives {} and {}".format(*results)

    def checkpoint(self) -> None:
        mine = self.logits(self.model)
        folder = tempfile.mkdtemp(prefix="smoke-")
        try:
            where = Path(folder) / "weights"
            self.training.save(self.model, where)
            theirs = self.logits(self.training.load(where))
        except (RuntimeError, OSError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise AssertionError(f"saving and loading fails: {error}") from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        for a, b in zip(mine, theirs):
            assert a.shape == b.shape and np.allclose(a, b, rtol=1e-4, atol=1e-5, equal_nan=True), (
                "after loading, the model says something else"
            )

    @torch.no_grad()
    def logits(self, model: nn.Module) -> list[np.ndarray]:
        model.eval()
        return [model(copy.deepcopy(inputs)).cpu().numpy().copy() for inputs, _ in self.batches]

    def __call__(self) -> None:
        self.batches = self.take(train=False)
        self.train()
        self.evaluate()
        self.checkpoint()


def smoke(training: Training, steps: int = 2) -> None:
    _Smoke(training, steps)()


def memorise(training: Training, batch: Batch, max_steps: int = 300, target: float = 0.01) -> int:
    model = training.make_model()
    for module in filter(lambda m: isinstance(m, nn.Dropout), model.modules()):
        module.p = 0.0  # in train mode, as the rest is, but it drops nothing
    model.train()
    optimizer, losses = training.make_optimizer(model), []
    while len(losses) < max_steps:
        losses.append(training.step(model, optimizer, batch))
        if losses[-1] < target:
            return len(losses)
    last = f"{losses[-1]:.4f}" if losses else "unknown"
    raise AssertionError(f"one batch cannot be learned by heart: the loss of the last step is {last}")


def check_initial_loss(model: nn.Module, batch: Batch, classes: int, tolerance: float = 0.5) -> None:
    with torch.no_grad(), Guest(model) as guest:
        logp = torch.log_softmax(guest(batch[0]), dim=1)
        loss = -float(logp.gather(1, batch[1].unsqueeze(1)).mean())
    low, high = np.log(classes) - tolerance, np.log(classes) + tolerance
    if low <= loss <= high:
        return
    verdict = "is no number" if loss != loss else "is sure of what it cannot know" if loss > high else "knows too much"
    raise AssertionError(f"the first loss is {loss:.3f}, not within {low:.3f} and {high:.3f}: the model {verdict}")


def parameters_that_learn_nothing(model: nn.Module, batch: Batch) -> list[str]:
    with torch.enable_grad(), Guest(model) as guest:
        weights = guest.weights()
        open_ones = {n: w for n, w in weights.items() if w.requires_grad}
        loss = nn.functional.cross_entropy(guest(batch[0], weights), batch[1])
        if open_ones and loss.requires_grad:
            gradients = torch.autograd.grad(loss, tuple(open_ones.values()), allow_unused=True)
        else:
            gradients = (None,) * len(open_ones)

    def learns(gradient: Tensor | None) -> bool:
        if gradient is None:
            return False
        size = gradient.to_dense().abs().max() if gradient.numel() else torch.zeros(())
        return 0 < size.item() < math.inf  # a nan is neither

    return sorted(n for n, gradient in zip(open_ones, gradients) if not learns(gradient))


def check_independence(model: nn.Module, inputs: Tensor) -> None:
    """Change half of the inputs at a time: by the bits of their numbers, so that each two are parted at least once."""
    rows = np.arange(len(inputs))
    random = np.random.default_rng(7)
    spread = float(inputs.detach().abs().max()) or 1.0
    with torch.no_grad(), Guest(model) as guest:
        before = guest(inputs).numpy().copy()
        finite = np.abs(before[np.isfinite(before)])
        atol = 1e-5 * max(1.0, finite.max(initial=0.0))
        for bit in range(max(1, int(len(inputs) - 1).bit_length())):
            for side in (0, 1):
                changed = (rows >> bit) % 2 == side
                for size in (0.3, 3.0):
                    strange = random.normal(0, size * spread, tuple(inputs.shape)).astype(np.float32)
                    mask = torch.from_numpy(changed).reshape(-1, *[1] * (inputs.ndim - 1))
                    mixed = torch.where(mask, torch.from_numpy(strange), inputs.detach())
                    after = guest(mixed).numpy()
                    if not np.allclose(after[~changed], before[~changed], rtol=1e-4, atol=atol, equal_nan=True):
                        raise AssertionError("the logits of some inputs change when only other inputs have changed")


def check_reproducible(train: Callable[[int], Mapping[str, Tensor]], seed: int) -> None:
    runs: list[tuple[int, dict[str, bytes]]] = []
    for s in (seed ^ 1, seed, seed ^ 1, seed):
        runs.append((s, {name: fingerprint(tensor) for name, tensor in train(s).items()}))
    (_, other), (_, one), _, (_, two) = runs
    message = io.StringIO()
    for name in {**one, **two}:
        if one.get(name) != two.get(name):
            message.write(f"{name} is not the same each time that the seed is {seed}. ")
    if other == one:
        message.write(f"The seeds {seed} and {seed ^ 1} give the same.")
    if message.tell():
        raise AssertionError(message.getvalue())
