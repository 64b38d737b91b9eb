"""Hidden suite of m53: shapes, memory, numbers that are none, and curves, in networks of the suite's own."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from networks import Stack

from mlops_grade.suite import Student, assert_close, hint, probe


@pytest.fixture
def equipped(student: Student, hidden: Path) -> Student:
    """The student, with the suite's networks beside their code."""
    student.write("networks.py", (hidden / "networks.py").read_bytes())
    student.patience = 30
    return student


def sizes(rng: np.random.Generator, count: int) -> list[int]:
    """Sizes that all differ."""
    return [int(size) for size in rng.choice(np.arange(4, 30), size=count, replace=False)]


@probe
def before_and_after(file: str, function: str, network: str, arguments: list[Any], others: list[Any]) -> list[Any]:
    """What a model is like before and after a function has been called with it: hooks, modes, numbers."""
    import contextlib
    import importlib

    import networks
    import torch

    def hooks_of(place):
        return {key: len(value) for key, value in vars(place).items() if "hooks" in key and isinstance(value, dict)}

    def state():
        names = dict(model.named_modules())
        return {
            "hooks": [hooks_of(torch.nn.modules.module), [hooks_of(module) for module in names.values()]],
            "forwards": [name for name, module in names.items() if "forward" in vars(module)],
            "modes": {name: module.training for name, module in names.items()},
            "weights": {name: (weight.requires_grad, str(weight.device)) for name, weight in model.named_parameters()},
            "gradients": [name for name, weight in model.named_parameters() if weight.grad is not None],
            "numbers": {name: value.detach().clone() for name, value in model.state_dict().items()},
        }

    model = getattr(networks, network)(*arguments)
    for number, module in enumerate(model.modules()):
        module.training = number % 3 != 1
    model.register_forward_hook(lambda *_: None)
    before = state()
    with contextlib.suppress(RuntimeError, KeyError):
        getattr(importlib.import_module(file), function)(model, *others)
    return [before, state()]


def assert_left_alone(student: Student, file: str, function: str, network: str, arguments: Any, others: Any) -> None:
    before, after = student.run(before_and_after, file, function, network, list(arguments), list(others))
    with hint("Whoever registers a hook removes it, also when the model raises, and removes no other."):
        same = before["hooks"] == after["hooks"] and before["forwards"] == after["forwards"]
        assert same, f"{function} leaves other hooks on a model ({network}) than it found there"
    with hint("`model.train()` sets every module inside; each had a mode of its own before."):
        changed = [name for name, mode in before["modes"].items() if after["modes"].get(name) != mode]
        assert not changed, f"{function} leaves modules in another mode: {', '.join(changed) or 'the model'}"
    replaced = [name for name, kind in before["weights"].items() if after["weights"].get(name) != kind]
    assert not replaced, f"{function} leaves parameters on another device, or trained otherwise: {', '.join(replaced)}"
    assert not after["gradients"], f"{function} leaves gradients on the model"
    with hint("A call in training mode moves what a batch normalisation remembers. Who calls a copy moves the copy's."):
        moved = [name for name, value in before["numbers"].items() if not torch.equal(value, after["numbers"][name])]
        assert not moved, f"{function} changes numbers of the model: {', '.join(moved)}"


@hint("Compare the model before and after: a copy may be changed, the model may not.")
def test_models_stay_as_they_were(equipped: Student, rng: np.random.Generator) -> None:
    """Four functions leave hooks, modes and numbers of a model as they were, also when it raises"""
    features, width, hidden, classes, batch = sizes(rng, 5)
    for function in ("trace_shapes", "first_mismatch"):
        network = [features, width, hidden, classes]
        assert_left_alone(equipped, "shapes", function, "Network", network, [(batch, features)])
        for where in ("block", "other"):
            assert_left_alone(equipped, "shapes", function, "Broken", [where, width, hidden], [(batch, width)])
    others = [(batch, width), "adam"]
    assert_left_alone(equipped, "memory", "training_bytes", "Stack", [width, hidden, classes], others)
    for where in ("infinity", "nowhere"):
        values = [torch.randn(batch, width)]
        assert_left_alone(equipped, "numerics", "first_not_finite", "Planted", [where, width], values)


# --------------------------------------------------------------------------------------------------------- shapes.py


@probe
def trace(arguments: list[int], input_shape: tuple[int, ...], device: str, dtype: str) -> Any:
    import networks
    import torch
    from shapes import trace_shapes

    with torch.device(device):
        model = networks.Network(*arguments).to(getattr(torch, dtype))
    return [(name, tuple(shape)) for name, shape in trace_shapes(model, input_shape)]


@probe
def trace_pooling(input_shape: tuple[int, ...]) -> Any:
    import torch
    from shapes import trace_shapes

    model = torch.nn.Sequential(torch.nn.AvgPool2d(2), torch.nn.Flatten())
    return [(name, tuple(shape)) for name, shape in trace_shapes(model, input_shape)]


def traced(features: int, width: int, hidden: int, classes: int, batch: int) -> list[tuple[str, tuple[int, int]]]:
    """The calls of networks.Network in the order of their ends."""
    widths = [
        ("stem", width), ("shared", width), ("blocks.0.inner", hidden), ("blocks.0.outer", width), ("blocks.0", width),
        ("blocks.1", width), ("blocks", width), ("shared", width), ("recurrent", hidden), ("head", classes),
    ]  # fmt: skip
    return [(name, (batch, size)) for name, size in widths]


def assert_traced(got: Any, expected: list[tuple[str, tuple[int, int]]]) -> None:
    names = [name for name, _ in got]
    with hint("Each call counts, of containers too, when it returns. A module under two names has its first one."):
        assert names == [name for name, _ in expected], "the names of the modules, in the order in which calls return"
    assert [shape for _, shape in got] == [shape for _, shape in expected], "the shapes of the outputs, in order"


@hint("A forward hook sees a module's output. Which of the model's modules get one, and what name do they have?")
def test_trace_names_each_call(equipped: Student, rng: np.random.Generator) -> None:
    """trace_shapes names each call of each module with its shape: nested, shared, in a tuple, without parameters"""
    *arguments, batch = sizes(rng, 5)
    got = equipped.run(trace, arguments, (batch, arguments[0]), "cpu", "float32")
    assert_traced(got, traced(*arguments, batch))
    side = arguments[1]
    expected = [("0", (batch, 2, side, 3)), ("1", (batch, 2 * side * 3))]
    with hint("A model without parameters: `next` takes a second argument, what to give when there is nothing."):
        got = equipped.run(trace_pooling, (batch, 2, 2 * side, 6))
        assert got == expected, "names and shapes of two layers without parameters"


@hint("Where is the first parameter, and of what type is it? The zeros have to be the same.")
def test_trace_on_the_meta_device(equipped: Student, rng: np.random.Generator) -> None:
    """trace_shapes works for 80 GB of weights on the meta device, in half precision, and for a single row"""
    arguments = [size + 60_000 for size in sizes(rng, 4)]
    got = equipped.run(trace, arguments, (1, arguments[0]), "meta", "float16")
    assert_traced(got, traced(*arguments, 1))


@probe
def mismatch(where: str, width: int, hidden: int, input_shape: tuple[int, ...]) -> Any:
    import networks
    from shapes import first_mismatch

    try:
        found = first_mismatch(networks.Broken(where, width, hidden), input_shape)
    except KeyError:
        return "KeyError"
    return found if found is None else (found[0], tuple(found[1]))


@hint("A module is entered, and it returns, or it does not. Which is the last to be entered of those that are open?")
def test_where_shapes_do_not_fit(equipped: Student, rng: np.random.Generator) -> None:
    """first_mismatch names the innermost module that broke off, and the shape of its input"""
    batch, width, hidden = sizes(rng, 3)
    cases = [
        ("layer", "block.inner", width + 1, "one layer gives more than the next one takes"),
        ("block", "block", width, "a block adds two tensors of its own that do not fit"),
        ("again", "layers.first", width - 1, "a layer fits when it is called first, and not when it is called again"),
        ("value", "planes", width, "a layer wants four axes, and gets two"),
        ("model", "", width, "the model's own forward asks for an axis that is not there"),
    ]
    for where, name, given, described in cases:
        found = equipped.run(mismatch, where, width, hidden, (batch, width))
        assert found is not None, f"first_mismatch found nothing, although {described}"
        assert found[0] == name, f"the module in which the pass broke off, where {described}"
        assert found[1] == (batch, given), f"the shape of what that module was given, where {described}"


@hint("Which exceptions does PyTorch raise for shapes? Those and no others are an answer.")
def test_no_mismatch(equipped: Student, rng: np.random.Generator) -> None:
    """first_mismatch returns None where all shapes fit, and lets other exceptions pass"""
    batch, width, hidden = sizes(rng, 3)
    assert equipped.run(mismatch, "nowhere", width, hidden, (batch, width)) is None, "what is found where all fits"
    got = equipped.run(mismatch, "other", width, hidden, (batch, width))
    assert got == "KeyError", f"a KeyError of the model did not pass through first_mismatch, which gave {got}"


# --------------------------------------------------------------------------------------------------------- memory.py


@probe
def count_bytes(arguments: list[int], batch: int, optimiser: str, device: str, dtype: str) -> dict[str, int]:
    import networks
    import torch
    from memory import training_bytes

    with torch.device(device):
        model = networks.Stack(*arguments).to(getattr(torch, dtype)).eval()
    counted = training_bytes(model, (batch, arguments[0]), optimiser)
    return {part: getattr(counted, part) for part in ("weights", "gradients", "optimiser", "activations", "total")}


@hint("Which numbers are trained? A module that two names share has its weights once; buffers have no gradient.")
def test_bytes_of_weights(equipped: Student, rng: np.random.Generator) -> None:
    """training_bytes counts weights, gradients and what the optimiser keeps, with frozen and shared layers"""
    width, hidden, classes, batch = sizes(rng, 4)
    trained = (width + 1) * hidden + (hidden + 1) * hidden + (hidden + 1) * classes + 2 * hidden
    weights = 8 * (trained + (width + 1) * width + 2 * hidden + 1)
    for optimiser, each in (("sgd", 0), ("momentum", 1), ("adam", 2)):
        got = equipped.run(count_bytes, [width, hidden, classes], batch, optimiser, "cpu", "float64")
        with hint("Parameters and buffers, each once, each of its own type: a counter is an int64."):
            assert got["weights"] == weights, "the bytes of the weights in float64, buffers included"
        with hint("What is frozen gets no gradient, and what is shared gets one."):
            assert got["gradients"] == 8 * trained, "the bytes of the gradients, with one layer frozen and one shared"
        with hint("The optimiser keeps numbers for what it trains, and for nothing else."):
            assert got["optimiser"] == 8 * each * trained, f"the bytes that the optimiser ({optimiser}) keeps"


def kept_in_training(width: int, hidden: int, classes: int, batch: int, dtype: torch.dtype) -> int:
    """The bytes of what autograd keeps in a call of networks.Stack, without its weights."""
    with torch.device("meta"):
        model, images = Stack(width, hidden, classes).to(dtype), torch.zeros(batch, width, dtype=dtype)
    storages: dict[int, torch.UntypedStorage] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        storages[tensor.untyped_storage()._cdata] = tensor.untyped_storage()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        model(images)
    weights = {weight.untyped_storage()._cdata for weight in (*model.parameters(), *model.buffers())}
    return sum(storage.nbytes() for place, storage in storages.items() if place not in weights)


@hint("Training mode; each storage once, and none that belongs to a weight. On meta every address is 0.")
def test_bytes_of_activations(equipped: Student, rng: np.random.Generator) -> None:
    """training_bytes counts what autograd keeps for the backward pass, and the total, also of a huge model on meta"""
    for device, dtype, larger in (("cpu", "float64", 0), ("meta", "float16", 30_000)):
        *layers, batch = sizes(rng, 4)  # a batch that is made on the CPU first is small; the model is not
        width, hidden, classes = (size + larger for size in layers)
        got = equipped.run(count_bytes, [width, hidden, classes], batch, "adam", device, dtype)
        expected = kept_in_training(width, hidden, classes, batch, getattr(torch, dtype))
        described = f"a batch of {batch:,} rows in {dtype}, on {device}"
        assert got["activations"] == expected, f"the bytes that autograd keeps of {described}"
        parts = sum(got[part] for part in ("weights", "gradients", "optimiser", "activations"))
        assert got["total"] == parts, "the total of all four parts"


@probe
def try_batch_sizes(start: int, limit: int, error: str) -> dict[str, Any]:
    """The steps that were tried, what came of it, and how many tensors of failed steps were there at each."""
    import weakref

    import torch
    from memory import find_batch_size

    tried, left, references = [], [], []

    def step(batch_size):
        left.append(sum(reference() is not None for reference in references))
        tried.append(batch_size)
        activations = torch.zeros(batch_size, 8)
        references.append(weakref.ref(activations))
        if len(tried) > 20:
            raise KeyError("too many steps")
        if batch_size > limit:
            if error == "memory":
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.")
            raise RuntimeError("CUDA error: an illegal memory access was encountered")
        return activations.sum()

    try:
        outcome = find_batch_size(step, start)
    except torch.OutOfMemoryError:
        outcome = "OutOfMemoryError"
    except (KeyError, RuntimeError) as raised:
        outcome = type(raised).__name__
    return {"tried": tried, "outcome": outcome, "left": left}


@hint("Half of 25 is 12: whole images. The first size that fits is the answer, and 1 is a size as well.")
def test_batch_size_is_halved(student: Student, rng: np.random.Generator) -> None:
    """find_batch_size halves until a step fits, down to 1, and no further"""
    for start, limit in ((int(rng.integers(200, 300)), 40), (int(rng.integers(8, 16)), 1), (30, 30)):
        expected = [start]
        while expected[-1] > limit:
            expected.append(expected[-1] // 2)
        got = student.run(try_batch_sizes, start, limit, "memory")
        assert got["tried"] == expected, f"the sizes that were tried, from {start} on, where {limit} fits"
        assert got["outcome"] == expected[-1], f"the batch size that was found, from {start} on, where {limit} fits"
    got = student.run(try_batch_sizes, 12, 0, "memory")
    assert got["tried"] == [12, 6, 3, 1], "the sizes that were tried, from 12 on, where nothing fits"
    assert got["outcome"] == "OutOfMemoryError", "what is raised where not even 1 fits"


@hint("A smaller batch cures one exception, and hides every other.")
def test_other_errors_are_no_lack_of_memory(student: Student) -> None:
    """find_batch_size halves for torch.OutOfMemoryError alone"""
    got = student.run(try_batch_sizes, 64, 20, "other")
    assert got["outcome"] == "RuntimeError", "what comes of a step that raises a RuntimeError of another kind"
    assert got["tried"] == [64], "the sizes that were tried until that error"


@hint(
    "An exception holds the frames that it passed, and they hold their tensors. Until when do you hold the exception?"
)
def test_nothing_is_left_of_a_failed_try(student: Student) -> None:
    """While find_batch_size tries a size, no tensor of the failed tries is in memory"""
    got = student.run(try_batch_sizes, 64, 5, "memory")
    assert got["left"] == [0] * 5, "the tensors of earlier tries that are alive when a step begins, for each step"


@probe
def train(weights: dict[str, Any], batches: list[Any], every: int, lr: float) -> dict[str, Any]:
    """The weights after each step, the losses, and how many passes waited for their way back at the same time."""
    import torch
    from memory import accumulate

    class Model(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.first = torch.nn.Parameter(weights["first"].clone())
            self.second = torch.nn.Parameter(weights["second"].clone())

        def forward(self, x):
            hidden = torch.tanh(x @ self.first)
            if hidden.requires_grad:
                waiting.append(1)
                hidden.register_hook(lambda gradient: waiting.pop() and None)
                most.append(len(waiting))
            return hidden @ self.second

    waiting, most, steps = [], [], []
    model = Model()
    for weight in model.parameters():
        weight.grad = torch.ones_like(weight)  # of another training, say
    optimiser = torch.optim.SGD(model.parameters(), lr=lr)
    optimiser.register_step_post_hook(
        lambda *_: steps.append(torch.cat([weight.detach().flatten() for weight in model.parameters()]))
    )
    losses = accumulate(model, iter(batches), every, optimiser)
    return {"steps": steps, "losses": [float(loss) for loss in losses], "most": max(most)}


def in_one_piece(weights: dict[str, torch.Tensor], groups: list[Any], lr: float) -> tuple[list[Any], list[float]]:
    """The weights after each step, and its loss, with the batches of a step put together to one."""
    first, second = (weights[name].clone().requires_grad_() for name in ("first", "second"))
    steps, losses = [], []
    for group in groups:
        images, targets = (torch.cat(parts) for parts in zip(*group))
        loss = torch.nn.functional.cross_entropy(torch.tanh(images @ first) @ second, targets)
        for weight, gradient in zip((first, second), torch.autograd.grad(loss, (first, second))):
            weight.data -= lr * gradient
        steps.append(torch.cat([first.detach().flatten(), second.detach().flatten()]))
        losses.append(loss.item())
    return steps, losses


@hint("The gradient of a mean over all images: by what is each image's divided, and what was in `.grad` before?")
def test_accumulated_gradients(student: Student) -> None:
    """accumulate takes the steps that training on whole groups of batches would take, one batch in memory at a time"""
    weights = {"first": torch.randn(6, 5, dtype=torch.float64), "second": torch.randn(5, 4, dtype=torch.float64)}
    for rows, every in (([6] * 4, 2), ([5] * 5, 3), ([9, 9, 2, 1, 7, 3], 3)):
        batches = [(torch.randn(count, 6, dtype=torch.float64), torch.randint(4, (count,))) for count in rows]
        groups = [batches[first : first + every] for first in range(0, len(batches), every)]
        steps, losses = in_one_piece(weights, groups, lr=0.5)
        got = student.run(train, weights, batches, every, 0.5)
        described = f"batches of {', '.join(map(str, rows))} images, {every} for each step"
        with hint("The last batches get their step, even if they are fewer."):
            assert len(got["steps"]) == len(steps), f"the number of steps taken, for {described}"
        for number, (weight, expected) in enumerate(zip(got["steps"], steps), start=1):
            assert_close(weight, expected, f"the weights after step {number}, for {described}")
        with hint("A step's loss is the mean over its images, not over its batches."):
            assert_close(got["losses"], losses, f"the loss of each step, for {described}")
        with hint("If all passes forward come first, nothing is saved: a backward pass frees its batch's activations."):
            assert got["most"] == 1, f"the activations of {got['most']} batches were in memory at the same time"


# ------------------------------------------------------------------------------------------------------- numerics.py


@probe
def find_not_finite(where: str, batch: Any) -> Any:
    import networks
    from numerics import first_not_finite

    return first_not_finite(networks.Planted(where, batch.shape[1]), batch)


@hint("Look at what goes in as well: who is given NaN is not the one that made it. Infinity is no number either.")
def test_first_not_finite(equipped: Student, rng: np.random.Generator) -> None:
    """first_not_finite names the module that makes NaN or infinity out of finite numbers, or none"""
    rows, width = sizes(rng, 2)
    cases: list[tuple[str, str | None, str]] = [
        ("nan", "steps.1", "a layer makes NaN"),
        ("infinity", "body.1.1", "a layer makes infinity, and a later one makes it finite again"),
        ("own arithmetic", "body.0", "a block's own arithmetic, between two layers, makes NaN"),
        ("pair", "pair", "the second output of a layer is infinite"),
        ("model", "", "the second input of a layer is infinite, by the model's own arithmetic"),
        ("nowhere", None, "all is finite"),
    ]
    for where, name, described in cases:
        found = equipped.run(find_not_finite, where, torch.randn(rows, width))
        assert found == name, f"the module that is named where {described}"


@hint("If the batch is not finite, no module is to blame.")
def test_batch_that_is_not_finite(equipped: Student, rng: np.random.Generator) -> None:
    """first_not_finite raises ValueError for a batch with NaN or infinity"""
    rows, width = sizes(rng, 2)
    for value in (math.nan, -math.inf):
        batch = torch.randn(rows, width)
        batch[rows // 2, 1] = value
        with pytest.raises(ValueError):
            equipped.run(find_not_finite, "nowhere", batch)


@probe
def read_once(batches: list[Any]) -> dict[str, Any]:
    import weakref

    from numerics import mean_and_std

    references, most = [], [0]

    def stream():
        for number in range(len(batches)):
            batch = batches[number].clone()
            references.append(weakref.ref(batch))
            most[0] = max(most[0], sum(reference() is not None for reference in references))
            yield batch
            del batch

    mean, std = mean_and_std(stream())
    return {"mean": float(mean), "std": float(std), "most": most[0]}


@hint("The mean of squares less the square of the mean: how many of a float's digits are left of that difference?")
def test_mean_and_std(student: Student, rng: np.random.Generator) -> None:
    """mean_and_std is right for batches that differ, and for a spread that is tiny beside the mean"""
    cases = [
        (0.3, 0.2, "float32", "pixels"),
        (2_000.0, 2.0, "float32", "pixels of 12 bits"),
        (1.7e9, 1.7, "float64", "times in seconds since 1970"),
    ]
    for centre, spread, dtype, described in cases:
        shapes = [(8, 2, 3), (3, 2, 3), (1, 1, 1), (12, 2, 3)]
        drawn = [centre + spread * (step + rng.normal(size=shape)) for step, shape in enumerate(shapes)]
        batches = [torch.tensor(values, dtype=getattr(torch, dtype)) for values in drawn]
        values = np.concatenate([batch.double().numpy().ravel() - centre for batch in batches])
        got = student.run(read_once, batches)
        assert_close(got["std"], values.std(), f"the standard deviation of {described}", rtol=1e-4, atol=1e-4 * spread)
        off = got["mean"] - centre
        assert_close(off, values.mean(), f"the mean of {described}, less {centre}", rtol=1e-3, atol=1e-3 * spread)


@hint("What has been summed up need not be kept; and without a value there is no mean.")
def test_one_batch_at_a_time(student: Student) -> None:
    """mean_and_std keeps no batch, and raises ValueError where there is none"""
    got = student.run(read_once, [torch.randn(5, 4) for _ in range(12)])
    assert got["most"] <= 2, f"{got['most']} of 12 batches were in memory at the same time"
    with pytest.raises(ValueError):
        student.run(read_once, [])


# ------------------------------------------------------------------------------------------------------- diagnose.py


@probe
def findings(train: Any, validation: Any, production: Any, goal: float) -> list[str]:
    from curves import Curves
    from diagnose import diagnose

    return sorted(str(found) for found in diagnose(Curves(train, validation, production, goal)))


class Losses:
    """Curves that fall from a first value and end at a given one, where they jitter by exactly as much as asked."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.epochs = int(rng.integers(24, 60))
        self.first = float(rng.uniform(2, 3))

    def ending(self, at: float, jitter: float) -> list[float]:
        falling = at + (self.first - at) * np.exp(-np.arange(self.epochs) / 2.0)
        falling[-12:] = at
        noise = self.rng.normal(size=self.epochs)
        noise[-10:] = (noise[-10:] - noise[-10:].mean()) / noise[-10:].std()
        noise[0] = 0
        return [float(loss) for loss in falling + jitter * noise]

    def ask(
        self, student: Student, ends: tuple[float, float, float | None], goal: float, jitters: tuple[float, ...]
    ) -> list[str]:
        curves = [None if at is None else self.ending(at, jitter) for at, jitter in zip(ends, jitters)]
        got: list[str] = student.run(findings, *curves, goal)
        return got


@hint("Which two numbers does each finding compare, and which of the two has to be the larger?")
def test_findings(student: Student, rng: np.random.Generator) -> None:
    """diagnose tells underfitting, overfitting and drift apart, finds several together, and finds nothing"""
    cases: list[tuple[tuple[float, float, float | None], float, list[str]]] = [
        ((1, 1, 1), 1, []),
        ((1, 1, None), 2, []),
        ((2, 2, 2), 1, ["underfitting"]),
        ((1, 2, 2), 1, ["overfitting"]),
        ((1, 1, 2), 1, ["drift"]),
        ((2, 3, None), 1, ["overfitting", "underfitting"]),
        ((1, 2, 3), 2, ["drift", "overfitting"]),
        ((2, 3, 4), 1, ["drift", "overfitting", "underfitting"]),
        ((2, 1, 1), 2, []),  # less loss on held-out data: dropout is off there
        ((1, 2, 1), 1, ["overfitting"]),
    ]
    for jitter in (0.0005, 0.04):
        losses, unit = Losses(rng), 8 * jitter
        for (train, validation, production), goal, expected in cases:
            ends = (train * unit, validation * unit, None if production is None else production * unit)
            got = losses.ask(student, ends, goal * unit, (jitter, jitter, jitter))
            shown = ", ".join("unknown" if end is None else f"{end:.3g}" for end in ends)
            described = f"train, validation and production end at {shown}, with the goal {goal * unit:.3g}"
            assert got == expected, f"the findings where {described}"


@hint("How much does a loss change from epoch to epoch at the end? A difference much smaller than that is chance.")
def test_jitter_is_no_finding(student: Student, rng: np.random.Generator) -> None:
    """diagnose finds nothing in differences that are small beside the jitter, whichever curve it is that jitters"""
    losses = Losses(rng)
    for quiet, noisy in ((0.001, 0.1), (0.0005, 0.02)):
        step = 0.4 * noisy
        for jitters in ((noisy, quiet, quiet), (quiet, noisy, quiet)):
            got = losses.ask(student, (0.5, 0.5 + step, None), 0.6, jitters)
            assert got == [], (
                f"findings in a gap of {step:.3g} between curves that jitter by {jitters[0]}, {jitters[1]}"
            )
        got = losses.ask(student, (0.5, 0.5, 0.5 + step), 0.6, (quiet, quiet, noisy))
        assert got == [], f"findings where production is {step:.3g} above, and jitters by {noisy}"
        got = losses.ask(student, (0.5 + step, 0.5, None), 0.5, (noisy, quiet, quiet))
        assert got == [], f"findings where training is {step:.3g} above the goal, and jitters by {noisy}"


@hint("Look at how a training that explodes ends, and where it began. Nothing else can be read from it.")
def test_learning_rate(student: Student, rng: np.random.Generator) -> None:
    """diagnose finds a learning rate that is too high, and then nothing else"""
    losses = Losses(rng)
    ended = [losses.ending(at, 0.02) for at in (0.5, 0.9, 1.5)]
    for value in (math.nan, math.inf):
        broken = [*ended[0][:9], value, *ended[0][10:]]
        got = student.run(findings, broken, ended[1], ended[2], 0.1)
        assert got == ["learning rate"], f"the findings where the training loss of one epoch is {value}"
    above = losses.ending(losses.first + 2.0, 0.05)
    got = student.run(findings, above, losses.ending(9.0, 0.05), None, 0.1)
    assert got == ["learning rate"], "the findings where the training loss ends clearly above that of the first epoch"
