"""Hidden suite of m30: two and three processes that share one training."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from mlops_course.digits import digit_tensors
from mlops_grade.suite import Handle, Student, assert_close, hint, probe


@probe
def as_module(source: str) -> Any:
    """The source as a module that is no file of the workspace: no traceback shows its lines as the student's."""
    import types

    module = types.ModuleType("ranks")
    exec(compile(source, "<ranks>", "exec"), module.__dict__)
    return module


@pytest.fixture
def ranks(student: Student, hidden: Path) -> Handle:
    """A module of the worker that starts processes as torchrun does."""
    student.patience = 40
    return student.run(as_module, (hidden / "ranks.py").read_text())


@pytest.fixture
def script(student: Student) -> Handle:
    return student.load("train_ddp")


@probe
def identities(ranks, script, world):
    def body(rank):
        import torch.distributed as dist

        device = script.setup()
        total = torch.tensor([2.0**rank], device=device)
        dist.all_reduce(total)
        return dist.get_rank(), dist.get_world_size(), dist.get_backend(), str(device), total.item()

    import torch

    return ranks.run(world, body)


@probe
def shards(ranks, script, world, count, batch_size, seed):
    import torch

    def body(rank):
        script.setup()
        loader = script.make_loader(torch.utils.data.TensorDataset(torch.arange(count)), batch_size, seed)
        return [batch[0].tolist() for batch in loader]

    return ranks.run(world, body)


@probe
def training(ranks, script, world, inputs, targets, batch_size, epochs, lr, seed, first_weights):
    import torch

    class Recorder(torch.nn.Module):
        """A linear layer that remembers the first column of its inputs, which is the row's number."""

        def __init__(self, weights):
            super().__init__()
            self.layer = torch.nn.Linear(inputs.shape[1], 3)
            self.layer.weight.data, self.layer.bias.data = weights[:, :-1].clone(), weights[:, -1].clone()
            self.seen = []

        def forward(self, rows):
            self.seen += rows[:, 0].round().int().tolist()
            return self.layer(rows / 100)

    def body(rank):
        device = script.setup()
        model = Recorder(first_weights[rank])
        loader = script.make_loader(torch.utils.data.TensorDataset(inputs, targets), batch_size, seed)
        trained = script.train(model, loader, epochs, lr, device)
        state = {name: value.detach().cpu().numpy() for name, value in trained.state_dict().items()}
        return model.seen, state

    return ranks.run(world, body)


@probe
def accuracies(ranks, script, world, logits, targets):
    import torch

    class Table(torch.nn.Module):
        """Logits by row number, some of them spoiled unless the model is in evaluation mode."""

        def __init__(self):
            super().__init__()
            self.dropout = torch.nn.Dropout(0.6)
            self.weight = torch.nn.Parameter(torch.ones(()))

        def forward(self, numbers):
            return self.dropout(logits.to(numbers.device)[numbers]) * self.weight

    def body(rank):
        device = script.setup()
        dataset = torch.utils.data.TensorDataset(torch.arange(len(targets)), targets)
        return script.accuracy(Table().to(device), dataset, device)

    return ranks.run(world, body)


@probe
def saving(ranks, script, folder, wrapped):
    import torch

    def body(rank):
        device = script.setup()
        torch.manual_seed(7 + rank)
        model = torch.nn.Linear(3, 2).to(device)
        plain = {name: value.detach().cpu().numpy() for name, value in model.state_dict().items()}
        if wrapped:
            model = torch.nn.parallel.DistributedDataParallel(model)
        if rank == 0:
            ranks.sleep(0.5, ranks.process_of(1))  # whoever does not wait for rank 0 has long gone on by then
        script.save(model, folder / f"by_rank_{rank}.pth")
        there = sorted(path.name for path in folder.iterdir())
        state = torch.load(folder / "by_rank_0.pth") if "by_rank_0.pth" in there else {}
        return there, {name: value.cpu().numpy() for name, value in state.items()}, plain

    return ranks.run(2, body)


@probe
def whole_program(ranks, world, arguments):
    return ranks.run(world, ranks.script, "train_ddp.py", arguments)


@probe
def weights_of(path):
    import torch

    return {name: value.numpy() for name, value in torch.load(path, map_location="cpu").items()}


def expected_backend(world: int) -> str:
    return "nccl" if torch.cuda.device_count() >= world else "gloo"


@hint("`init_process_group(backend)` reads rank and size from the environment; compare GPUs and LOCAL_WORLD_SIZE.")
def test_processes_find_each_other(student: Student, ranks: Handle, script: Handle) -> None:
    """setup joins the processes: each knows its rank, its device, and reaches the others"""
    for world in (2, 3):
        told = student.run(identities, ranks, script, world)
        backend = expected_backend(world)
        devices = [f"cuda:{rank}" if backend == "nccl" else "cpu" for rank in range(world)]
        expected = [(rank, world, backend, devices[rank], 2.0**world - 1) for rank in range(world)]
        for got, wanted in zip(told, expected, strict=True):
            assert tuple(got) == wanted, f"(rank, processes, backend, device, sum over all) is {got}, expected {wanted}"


@hint("`DistributedSampler(dataset, …)` goes into the loader as its `sampler`; without drop_last nothing gets lost.")
def test_parts_are_disjoint_and_complete(student: Student, ranks: Handle, script: Handle, seed: int) -> None:
    """make_loader divides the data: every example is somewhere, in equal parts, in batches of the right size"""
    for world, count in ((2, 101), (3, 50)):
        parts = student.run(shards, ranks, script, world, count, 8, seed % 1000)
        rows = [[number for batch in part for number in batch] for part in parts]
        share = -(-count // world)
        assert [len(part) for part in rows] == [share] * world, (
            f"{world} processes got {[len(part) for part in rows]} of {count} examples, expected {share} each"
        )
        everything = [number for part in rows for number in part]
        lost = set(range(count)) - set(everything)
        assert not lost, f"{len(lost)} of {count} examples are in no process' part"
        repeated = len(everything) - len(set(everything))
        assert repeated < world, f"{repeated} examples are in more than one part"
        for part in parts:
            sizes = [len(batch) for batch in part]
            assert sizes[:-1] == [8] * (len(sizes) - 1) and 0 < sizes[-1] <= 8, f"batch_size=8 gave batches of {sizes}"


@hint("The sampler shuffles with the seed plus the epoch's number: who tells it the number?")
def test_order_changes_with_epoch_and_seed(
    student: Student, ranks: Handle, script: Handle, rng: np.random.Generator
) -> None:
    """Every epoch has another order and another division; the same seed gives the same ones again"""
    count, share = 41, 21
    inputs = torch.arange(count, dtype=torch.float32)[:, None].repeat(1, 2)
    targets = torch.from_numpy(rng.integers(0, 3, count))
    weights = [torch.zeros(3, 3), torch.zeros(3, 3)]

    def orders(seed: int) -> list[list[int]]:
        results = student.run(training, ranks, script, 2, inputs, targets, 5, 3, 0.1, seed, weights)
        seen = [list(result[0]) for result in results]
        assert [len(rows) for rows in seen] == [3 * share] * 2, (
            f"in 3 epochs over {count} examples the 2 processes saw {[len(rows) for rows in seen]}, "
            f"expected {3 * share} each"
        )
        return seen

    first = orders(5)
    for rank, rows in enumerate(first):
        epochs = [rows[start : start + share] for start in range(0, 3 * share, share)]
        assert epochs[0] != epochs[1] and epochs[1] != epochs[2], f"rank {rank} has the same order in two epochs"
        assert set(epochs[0]) != set(epochs[1]), f"rank {rank} gets the same examples in every epoch"
        assert epochs[0] != sorted(epochs[0]), f"rank {rank} gets its examples in their order, not shuffled"
    assert orders(5) == first, "the same seed gave another order"
    assert orders(6) != first, "another seed gave the same order"


@hint("DistributedDataParallel starts from rank 0's weights and averages the gradients before each step.")
def test_step_is_that_of_the_whole_batch(
    student: Student, ranks: Handle, script: Handle, rng: np.random.Generator
) -> None:
    """A step of two processes is the step that one process would take on both their batches"""
    count = 18
    inputs = torch.from_numpy(rng.normal(size=(count, 4)) * 100).float()
    targets = torch.from_numpy(rng.integers(0, 3, count))
    first = [torch.from_numpy(rng.normal(size=(3, 5))).float() for _ in range(2)]
    rate = float(rng.uniform(0.5, 1.0))
    results = student.run(training, ranks, script, 2, inputs, targets, count // 2, 1, rate, 3, first)

    weight, bias = first[0][:, :-1].clone().requires_grad_(), first[0][:, -1].clone().requires_grad_()
    loss = torch.nn.functional.cross_entropy(inputs / 100 @ weight.T + bias, targets)
    gradients = torch.autograd.grad(loss, (weight, bias))
    for rank, (_, state) in enumerate(results):
        assert sorted(state) == ["layer.bias", "layer.weight"], f"rank {rank}: train returned {list(state)}"
        for name, value, gradient in zip(("weight", "bias"), (weight, bias), gradients, strict=True):
            expected = (value - rate * gradient).detach().numpy()
            assert_close(state[f"layer.{name}"], expected, f"{name} after one step, rank {rank}", rtol=1e-4, atol=1e-4)


@hint("Averaging once, at the start or at the end, is not enough: the processes have to meet in every step.")
def test_processes_stay_in_step(student: Student, ranks: Handle, script: Handle, rng: np.random.Generator) -> None:
    """After several epochs the weights are equal in all processes, and are those of plain SGD on the joint batches"""
    count, size, epochs, rate = 23, 3, 2, 0.4
    inputs = torch.from_numpy(np.c_[np.arange(count), rng.normal(size=(count, 3)) * 100]).float()
    targets = torch.from_numpy(rng.integers(0, 3, count))
    first = [torch.from_numpy(rng.normal(size=(3, 5))).float() for _ in range(2)]
    results = student.run(training, ranks, script, 2, inputs, targets, size, epochs, rate, 11, first)
    (seen, state), (other_seen, other) = results
    for name in state:
        assert_close(other[name], state[name], f"{name} of rank 1, compared with rank 0", rtol=1e-4, atol=1e-5)

    weight, bias = first[0][:, :-1].clone().requires_grad_(), first[0][:, -1].clone().requires_grad_()
    share = -(-count // 2)
    assert len(seen) == len(other_seen) == epochs * share, f"the processes saw {len(seen), len(other_seen)} examples"
    for epoch in range(epochs):
        for start in range(epoch * share, (epoch + 1) * share, size):
            end = min(start + size, (epoch + 1) * share)
            rows = [*seen[start:end], *other_seen[start:end]]
            loss = torch.nn.functional.cross_entropy(inputs[rows] / 100 @ weight.T + bias, targets[rows])
            gradients = torch.autograd.grad(loss, (weight, bias))
            with torch.no_grad():
                weight -= rate * gradients[0]
                bias -= rate * gradients[1]
    assert_close(state["layer.weight"], weight.detach().numpy(), "the weights after two epochs", rtol=1e-3, atol=1e-3)


@hint("DistributedSampler repeats examples until the parts are equal. Count right answers; `all_reduce` the counts.")
def test_accuracy_counts_everything_once(
    student: Student, ranks: Handle, script: Handle, rng: np.random.Generator
) -> None:
    """accuracy is exact for the whole dataset, in every process, with dropout off"""
    for world, count in ((2, 33), (3, 32)):
        targets = torch.from_numpy(rng.integers(0, 4, count))
        wrong = torch.from_numpy(rng.permutation(count) < count // 3)
        wrong[0] = False
        answers = torch.where(wrong, (targets + 1) % 4, targets)
        logits = torch.nn.functional.one_hot(answers, 4) * 1.0 - 2.0
        expected = 1 - int(wrong.sum()) / count
        for rank, got in enumerate(student.run(accuracies, ranks, script, world, logits, targets)):
            assert_close(got, expected, f"accuracy over {count} examples in {world} processes, rank {rank}", atol=1e-6)


@hint("Rank 0 writes, all meet at `barrier()`. A wrapped model has its plain one in `.module`.")
@pytest.mark.parametrize("wrapped", [False, True], ids=["plain", "wrapped"])
def test_one_process_saves(student: Student, ranks: Handle, script: Handle, wrapped: bool) -> None:
    """save writes one file with the plain model's names, and nobody goes on before it is there"""
    student.write("out/.keep", "")
    (there, state, plain), (there_1, _, _) = student.run(saving, ranks, script, Path("out"), wrapped)
    assert "by_rank_0.pth" in there, "rank 0 wrote no file"
    assert "by_rank_1.pth" not in {*there, *there_1}, "rank 1 wrote a file as well: both would write into the same one"
    assert "by_rank_0.pth" in there_1, "rank 1 came back from save before rank 0 had written the file"
    assert sorted(state) == ["bias", "weight"], f"the names in the file are {sorted(state)}, not the model's own"
    for name in plain:
        assert_close(state[name], plain[name], f"{name} in the file")


@hint("Seed before you make the model; print in one process only; the accuracy comes from the test split.")
def test_program_trains_the_digits(student: Student, ranks: Handle) -> None:
    """The program trains, writes the weights, and prints their test accuracy once"""
    arguments = ["--epochs", "4", "--batch-size", "25", "--lr", "0.25", "--output", "trained.pth"]
    printed = student.run(whole_program, ranks, 2, arguments)
    state = {name: torch.from_numpy(np.array(value)) for name, value in student.run(weights_of, "trained.pth").items()}
    got = true_accuracy(state)
    found = [float(number) for text in printed for number in re.findall(r"Test accuracy: ([\d.]+)", text)]
    assert len(found) == 1, f"'Test accuracy: …' was printed {len(found)} times by 2 processes, expected once"
    assert abs(found[0] - got) < 1e-3, f"the program printed {found[0]}, the weights that it saved reach {got:.4f}"
    assert got > 0.6, f"the accuracy after 4 epochs is {got:.3f}; more than 0.6 is expected (0.8 is usual)"


@hint("`--seed` decides the first weights and the order, `--lr` and `--epochs` how far they move.")
def test_program_follows_its_options(student: Student, ranks: Handle) -> None:
    """The same seed gives the same weights, another seed others; --epochs, --lr and --batch-size are used"""

    def weights(name: str, **options: Any) -> np.ndarray:
        given = {"epochs": 1, "batch-size": 75, "lr": 0.1, "seed": 3, "output": f"{name}.pth"} | options
        student.run(whole_program, ranks, 2, [f"--{option}={value}" for option, value in given.items()])
        state = student.run(weights_of, f"{name}.pth")
        return np.concatenate([np.ravel(state[key]) for key in sorted(state)])

    first = weights("first")
    assert_close(weights("again"), first, "the weights of a second run with the same options", atol=1e-5)
    for option, value in (("seed", 4), ("epochs", 2), ("batch-size", 25), ("lr", 0.05)):
        changed = not np.allclose(weights(option, **{option: value}), first, atol=1e-5)
        assert changed, f"--{option} {value} gave the same weights as --{option} of another value"


def true_accuracy(state: dict[str, torch.Tensor]) -> float:
    """The accuracy on the held-out digits of the given network with these weights, computed here."""
    names = ["layers.1.bias", "layers.1.weight", "layers.3.bias", "layers.3.weight"]
    assert sorted(state) == names, f"the names in the file are {sorted(state)}, expected {names}"
    images, targets = digit_tensors("test")
    hidden = torch.relu(images.flatten(1) @ state["layers.1.weight"].T + state["layers.1.bias"])
    logits = hidden @ state["layers.3.weight"].T + state["layers.3.bias"]
    return float((logits.argmax(dim=1) == targets).float().mean())
