"""Hidden suite of m13: cProfile, a loader made fast, PyTorch's profiler and TensorBoard."""

import io
import json
from typing import Any

import numpy as np
import pytest
import torch

from mlops_grade.suite import Inspector, Student, assert_close, hint, probe

# ---------------------------------------------------------------------------------------------------- profile_me.py


@probe
def profile_work(times: int) -> tuple[Any, dict[str, int]]:
    from profile_me import profile_fn

    def count_up(number, by):
        return number + by

    def work(times, *, start):
        for _ in range(times):
            start = count_up(start, by=3)
        return start

    result, stats = profile_fn(work, times, start=5)
    return result, {name: entry[1] for (_, _, name), entry in stats.stats.items()}


@hint("The profiler wants to be on during the call, with all its arguments, and at no other time.")
def test_profile_fn_returns_result_and_statistics(student: Student, rng: np.random.Generator) -> None:
    """profile_fn passes the arguments on, and returns the result with the statistics of the call"""
    times = int(rng.integers(20, 90))
    result, calls = student.run(profile_work, times)
    assert result == 5 + 3 * times, "the result of the function, as profile_fn gave it back"
    assert calls.get("work") == 1, "the statistics do not show one call of the function that was profiled"
    assert calls.get("count_up") == times, "the statistics do not show every call of the function inside"


@probe
def profile_failure() -> dict[str, Any]:
    import sys

    from profile_me import profile_fn

    def lose():
        raise KeyError("lost")

    seen = {"raised": "nothing"}
    try:
        profile_fn(lose)
    except Exception as error:
        seen["raised"] = type(error).__name__
    seen["still on"] = sys.getprofile() is not None
    try:
        seen["next result"] = profile_fn(len, "seven")[0]
    except Exception as error:
        seen["next result"] = str(error)
    return seen


@hint("What must happen whether or not a call fails belongs into a `with` or a `finally`.")
def test_profiling_ends_when_the_function_fails(student: Student) -> None:
    """An exception passes through profile_fn, and switches the profiler off"""
    seen = student.run(profile_failure)
    assert seen["raised"] == "KeyError", f"the function raised KeyError, and out of profile_fn came {seen['raised']}"
    assert seen["still on"] is False, "the profiler is still on after the function raised an exception"
    assert seen["next result"] == 5, "the result of profile_fn(len, 'seven'), called after that"


@probe
def rank(entries: list[tuple[Any, ...]], *arguments: int) -> Any:
    import pstats

    from profile_me import top_functions

    stats = pstats.Stats()
    stats.stats = {
        (file, line, name): (primitive, calls, own, cumulative, {})
        for file, line, name, primitive, calls, own, cumulative in entries
    }
    stats.get_top_level_stats()
    return top_functions(stats, *arguments)


def entries(rng: np.random.Generator, count: int) -> list[tuple[Any, ...]]:
    """Return a profile of `count` functions, in no order: the less its own time, the more a function's cumulative."""
    made = []
    for line, number in enumerate(rng.permutation(count), start=10):
        calls = int(rng.integers(1, 1000))
        own, cumulative = 0.01 * (count - number), 1.0 + 0.5 * number
        made.append((f"/project/module_{line % 3}.py", line, f"function_{number}", calls, calls, own, cumulative))
    return made


def ranked(profile: list[tuple[Any, ...]], n: int) -> list[tuple[str, int, float]]:
    rows = [(name, calls, cumulative) for _, _, name, _, calls, _, cumulative in profile]
    return sorted(rows, key=lambda row: -row[2])[:n]


def assert_ranking(got: Any, expected: list[tuple[str, int, float]]) -> None:
    rows = [tuple(row) for row in got]
    assert all(len(row) >= 3 for row in rows), "not every entry holds a name, a number of calls and a time"
    assert [row[0] for row in rows] == [name for name, _, _ in expected], "the names of the functions, in order"
    assert [row[1] for row in rows] == [calls for _, calls, _ in expected], "the numbers of calls, in order"
    assert_close([row[2] for row in rows], [seconds for _, _, seconds in expected], "the cumulative times", atol=1e-3)


@hint("`tottime` is the time in a function's own lines, `cumtime` the time until it returned. Which one is asked for?")
@pytest.mark.parametrize("n", [1, 4, 50])
def test_top_functions_by_cumulative_time(student: Student, rng: np.random.Generator, n: int) -> None:
    """top_functions ranks by cumulative time, and returns n functions, or all when there are fewer"""
    profile = entries(rng, 13)
    assert_ranking(student.run(rank, profile, n), ranked(profile, n))


@hint("Compare with the signature in the skeleton.")
def test_top_functions_returns_ten_unless_told(student: Student, rng: np.random.Generator) -> None:
    """top_functions returns ten functions when n is not given"""
    profile = entries(rng, 13)
    assert_ranking(student.run(rank, profile), ranked(profile, 10))


@hint("A key of the statistics is file, line and name. A recursive function has two counts of calls.")
def test_namesakes_and_recursion(student: Student, rng: np.random.Generator) -> None:
    """top_functions keeps functions of the same name apart, and counts recursive calls"""
    profile = [
        *entries(rng, 5),
        ("/project/train.py", 3, "forward", 40, 40, 0.2, 9.0),
        ("/project/model.py", 8, "forward", 12, 12, 0.1, 8.0),
        ("/project/tree.py", 5, "walk", 1, 127, 0.3, 7.0),
    ]
    assert_ranking(student.run(rank, profile, 4), ranked(profile, 4))


# ----------------------------------------------------------------------------------------------------- optimised.py


def write_images(student: Student, folder: str, images: torch.Tensor, targets: torch.Tensor) -> None:
    for name, tensor in (("images", images), ("targets", targets)):
        buffer = io.BytesIO()
        torch.save(tensor, buffer)
        student.write(f"{folder}/{name}.pt", buffer.getvalue())


@probe
def load_batches(folder: str, batch_size: int) -> list[tuple[Any, Any]]:
    from optimised import load

    return [(images, targets) for images, targets in load(folder, batch_size)]


@hint("Read slow_loader.load as a specification: what is left out, what the statistics are taken over, and when.")
@pytest.mark.parametrize(("count", "batch_size"), [(25, 7), (12, 40)], ids=["batches of 7", "one batch"])
def test_same_batches(student: Student, rng: np.random.Generator, count: int, batch_size: int) -> None:
    """optimised.load returns the batches that slow_loader.load returns"""
    images = torch.from_numpy(rng.integers(0, 200, size=(count, 5, 3), dtype=np.uint8))
    images[1], images[count // 2] = 0, 0
    images[3] = 0
    images[3, 4, 2] = 1  # nearly blank is not blank
    targets = torch.from_numpy(rng.integers(0, 10, size=count))
    write_images(student, "data", images, targets)
    kept = [index for index in range(count) if index not in (1, count // 2)]
    pixels = images[kept].double()
    expected = ((pixels - pixels.mean()) / pixels.std(correction=0)).float().unsqueeze(1)
    batches = student.run(load_batches, "data", batch_size)
    sizes = [min(batch_size, len(kept) - first) for first in range(0, len(kept), batch_size)]
    assert [len(batch_targets) for _, batch_targets in batches] == sizes, (
        f"the number of targets in each batch, from a file of {count} images with batch_size={batch_size}"
    )
    assert torch.cat([batch_targets for _, batch_targets in batches]).tolist() == targets[kept].tolist(), (
        "the targets of all batches, in order"
    )
    assert {batch_targets.dtype for _, batch_targets in batches} == {torch.int64}, "targets are int64"
    assert {batch_images.dtype for batch_images, _ in batches} == {torch.float32}, "images are float32"
    assert_close(torch.cat([batch_images for batch_images, _ in batches]), expected, "the normalised images", rtol=1e-5)


@probe
def count_instructions(folder: str, batch_size: int) -> int:
    import sys

    from optimised import load

    executed = 0

    def trace(frame, event, argument):
        nonlocal executed
        frame.f_trace_opcodes = True
        executed += event == "opcode"
        return trace

    load(folder, batch_size)  # what is done once, such as imports, does not count
    sys.settrace(trace)
    try:
        load(folder, batch_size)
    finally:
        sys.settrace(None)
    return executed


@hint("Profile it. Is a file read more than once? Which loop could be one operation on a whole tensor?")
def test_hardly_any_python_per_image(student: Student, rng: np.random.Generator) -> None:
    """optimised.load takes at most 500 Python instructions for each further image (slow_loader.load: about 93,000)"""
    student.patience = 30
    counts = []
    for count in (16, 80):
        images = torch.from_numpy(rng.integers(1, 256, size=(count, 28, 28), dtype=np.uint8))
        write_images(student, f"data_{count}", images, torch.arange(count) % 10)
        counts.append(student.run(count_instructions, f"data_{count}", 16))
    each = (counts[1] - counts[0]) / 64
    assert each <= 500, f"each further image took {each:,.0f} Python instructions"


# --------------------------------------------------------------------------------------------------- torch_profile.py

STEPS, SIDE, CLASSES = 9, 4, 6


class Training:
    """What profile_training is given: the first weights and the batches."""

    def __init__(self, seed: int) -> None:
        generator = torch.Generator().manual_seed(seed)
        sizes = {"1.weight": (5, SIDE * SIDE), "1.bias": (5,), "3.weight": (CLASSES, 5), "3.bias": (CLASSES,)}
        self.weights = {name: torch.randn(size, generator=generator) for name, size in sizes.items()}
        self.batches = [
            (torch.randn(7, 1, SIDE, SIDE, generator=generator), torch.randint(CLASSES, (7,), generator=generator))
            for _ in range(STEPS)
        ]

    def expected(self) -> tuple[list[float], dict[str, torch.Tensor]]:
        """Return the loss of each step and the weights at the end, by the same steps taken here."""
        weights = {name: value.clone().requires_grad_() for name, value in self.weights.items()}
        losses = []
        for images, targets in self.batches:
            hidden = torch.relu(images.flatten(1) @ weights["1.weight"].T + weights["1.bias"])
            logits = hidden @ weights["3.weight"].T + weights["3.bias"]
            loss = torch.nn.functional.cross_entropy(logits, targets)
            gradients = torch.autograd.grad(loss, list(weights.values()))
            for value, gradient in zip(weights.values(), gradients):
                value.data -= 0.01 * gradient
            losses.append(loss.item())
        return losses, {name: value.detach() for name, value in weights.items()}


@probe
def train(weights: dict[str, Any], batches: list[Any], folder: str, **options: Any) -> dict[str, Any]:
    import torch
    from torch_profile import profile_training

    hidden, inputs = weights["1.weight"].shape
    classes = len(weights["3.bias"])
    layers = [torch.nn.Linear(inputs, hidden), torch.nn.ReLU(), torch.nn.Linear(hidden, classes)]
    model = torch.nn.Sequential(torch.nn.Flatten(), *layers)
    model.load_state_dict(weights)
    profile_training(model, iter(batches), folder, **options)
    return {name: value.detach().cpu() for name, value in model.state_dict().items()}


class Trace:
    """A Chrome trace: what happened, when, and for how long."""

    def __init__(self, student: Student, folder: str) -> None:
        name = f"{folder}/trace.json"
        assert name in student.files(), "profile_training left no trace.json in its folder"
        self.events = [event for event in json.loads(student.read(name))["traceEvents"] if event.get("ph") == "X"]

    def of(self, category: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event.get("cat") == category]

    def ranges(self, name: str) -> list[dict[str, Any]]:
        return [event for event in self.of("user_annotation") if event["name"] == name]

    def steps(self) -> list[int]:
        marks = (event["name"].rpartition("#") for event in self.of("user_annotation"))
        return sorted(int(number) for name, _, number in marks if name == "ProfilerStep")

    def inside(self, outer: dict[str, Any]) -> list[str]:
        """Return the names of what began and ended while the outer event lasted, on any thread of the host."""
        end = outer["ts"] + outer["dur"]
        host = (*self.of("cpu_op"), *self.of("user_annotation"))
        return [event["name"] for event in host if outer["ts"] <= event["ts"] and event["ts"] + event["dur"] <= end]


@pytest.fixture(scope="module")
def training(shared_seed: int) -> Training:
    return Training(shared_seed)


@pytest.fixture(scope="module")
def trained(shared_student: Student, training: Training, device: str) -> dict[str, torch.Tensor]:
    """Run profile_training with its own schedule on the device that there is; return the weights at the end."""
    shared_student.patience = 40
    weights: dict[str, torch.Tensor] = shared_student.run(
        train, training.weights, training.batches, "logs/first", device=device
    )
    return weights


@pytest.fixture(scope="module")
def trace(shared_student: Student, trained: dict[str, torch.Tensor]) -> Trace:
    return Trace(shared_student, "logs/first")


@hint("The profiler counts steps only if it is told of each, and repeats its schedule unless it is told otherwise.")
def test_schedule_by_default(trace: Trace) -> None:
    """The trace holds steps 2, 3 and 4: one step of waiting, one of warming up, three recorded, once"""
    assert trace.steps() == [2, 3, 4], "the steps in the trace, with the schedule of the signature"


@hint("wait, warmup and active are arguments: hand them to the schedule.")
def test_schedule_as_asked(student: Student, training: Training) -> None:
    """Another wait, warmup and active record other steps"""
    student.patience = 40
    student.run(train, training.weights, training.batches, "elsewhere/logs", wait=2, warmup=3, active=2)
    assert Trace(student, "elsewhere/logs").steps() == [5, 6], (
        "the steps in the trace, with wait=2, warmup=3 and active=2"
    )


@hint("`record_function` names a range. What runs while it is open belongs to it, and each step opens its own.")
def test_ranges_name_the_phases(trace: Trace) -> None:
    """Each recorded step has the ranges forward, backward and update, and in each the work that its name says"""
    for name in ("forward", "backward", "update"):
        found = len(trace.ranges(name))
        assert found == 3, f"three recorded steps need three ranges `{name}`; the trace has {found}"
    for step in zip(*(trace.ranges(name) for name in ("forward", "backward", "update"))):
        forward, backward, update = map(trace.inside, step)
        assert forward.count("aten::linear") == 2, "a range `forward` does not hold the model's two linear layers"
        losses = [
            any(event.startswith("aten::log_softmax") or "cross_entropy" in event for event in events)
            for events in (forward, backward, update)
        ]
        with hint("The loss is computed on the way forward; the backward pass begins where it is known."):
            assert not (losses[1] or losses[2]), "the loss is computed in a range `backward` or `update`"
            assert losses[0], "a range `forward` does not hold the loss"
        engine = [any("autograd::engine" in event for event in events) for events in (forward, backward, update)]
        assert engine[1], "a range `backward` holds no work of autograd's engine"
        assert not (engine[0] or engine[2]), "autograd's engine was at work in a range `forward` or `update`"
        assert any(event.startswith("Optimizer.step") for event in update), "a range `update` holds no optimiser step"


@hint("The profiler records the activities that it is given.")
def test_trace_has_the_work_of_the_device(trace: Trace, device: str) -> None:
    """The trace holds the kernels of a GPU where there is one, and the operators of the CPU"""
    operators, kernels = trace.of("cpu_op"), trace.of("kernel")
    assert operators, f"there is no operator event in the trace (device: {device})"
    if device == "cuda":
        assert kernels, "there is no kernel event in the trace, although training ran on the GPU (device: cuda)"


@hint("Profiling must not change what is trained: each batch is one step, recorded or not.")
def test_every_batch_is_trained_on(trained: dict[str, torch.Tensor], training: Training) -> None:
    """profile_training takes one step of SGD, learning rate 0.01, on each batch"""
    _, expected = training.expected()
    for name, value in expected.items():
        assert_close(trained[name], value, f"the weights `{name}` after nine steps", rtol=1e-3, atol=1e-5)


@probe
def scalars_in(paths, tag):
    """Step and value of each scalar in TensorBoard logs: records of length, checksum, event, checksum."""
    import struct
    from pathlib import Path

    from tensorboard.compat.proto.event_pb2 import Event

    scalars = []
    for path in paths:
        data = Path(path).read_bytes()
        while data:
            (length,) = struct.unpack("<Q", data[:8])
            event = Event.FromString(data[12 : 12 + length])
            for value in event.summary.value:
                if value.tag == tag:
                    tensor = value.tensor.float_val
                    scalars.append((event.step, tensor[0] if tensor else value.simple_value))
            data = data[16 + length :]
    return sorted(scalars)


@hint("`add_scalar` wants a name, a number and the number of the step; the writer wants to be closed.")
def test_tensorboard_has_every_loss(
    trained: dict[str, torch.Tensor], training: Training, shared_student: Student, inspector: Inspector
) -> None:
    """The TensorBoard log holds the scalar "loss" of each step, numbered from 0"""
    losses, _ = training.expected()
    logs = [path for path in inspector.take(shared_student, "logs/first/**") if ".tfevents." in path]
    scalars = inspector.run(scalars_in, logs, "loss")
    assert [step for step, _ in scalars] == list(range(STEPS)), "the steps that a loss was logged for"
    assert_close([value for _, value in scalars], losses, "the logged losses", rtol=1e-3)
