"""Hidden suite of m14: a logger of one's own, and experiments that keep their own books."""

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sweep import arguments, distribution, draw, limits
from torch.nn.functional import cross_entropy
from wandb_file import Run, read_run

from mlops_course.digits import corrupt_mnist_tensors
from mlops_grade.suite import Inspector, Student, assert_close, hint, probe, read_yaml

N_TRAIN, N_TEST = 203, 57
MEAN, STD = 0.35, 0.3
DIGITS = 3  # the seed that chooses them
BATCH = 40
EPOCHS = 9
STEPS = 6  # of an epoch: five full batches and one of 3
PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM")  # what the files of pictures begin with
OFFLINE = {"WANDB_MODE": "offline", "WANDB_SILENT": "true", "WANDB_DIR": "."}

USE_LOGGER = '''
"""Makes loggers and logs, as its argument says: a list of ["make", name, file, options] and [method, name, message]."""
import json
import sys

from logger import make_logger

loggers = {}
for word, name, *rest in json.loads(sys.argv[1]):
    if word == "make":
        loggers[name] = make_logger(name, rest[0], **rest[1])
    elif word == "exception":
        try:
            {}[rest[0]]
        except KeyError:
            loggers[name].exception("it failed")
    else:
        getattr(loggers[name], word)(rest[0])
'''


def use_logger(student: Student, *actions: list[Any]) -> str:
    """Run the actions in a program of its own, and return what it wrote to stderr."""
    student.write("use_logger.py", USE_LOGGER)
    run = student.cli("use_logger.py", json.dumps(actions))
    assert run.exit_code == 0, f"a program that uses make_logger fails: {run.last_words}"
    assert run.stdout == "", "log messages belong on stderr: stdout is for results"
    return run.stderr


def text(student: Student, path: str) -> str:
    assert path in student.files(path), f"the log file {path} was not written"
    return student.read(path).decode("utf-8")


@hint("The logger lets everything through; each of its two ends (handlers, sinks) has a level of its own.")
def test_levels(student: Student) -> None:
    """The console shows messages of the level and above, the file shows all"""
    messages = {"debug": "loading", "info": "started", "warning": "slow disk", "error": "lost a file"}
    actions = [[method, "app", message] for method, message in messages.items()]
    console = use_logger(student, ["make", "app", "app.log", {"level": "WARNING"}], *actions)
    file = text(student, "app.log")
    assert [word for word in messages.values() if word in console] == ["slow disk", "lost a file"], (
        "the messages on the console, with level WARNING"
    )
    assert [word for word in messages.values() if word in file] == list(messages.values()), "the messages in the file"


@hint("Make the folder; say encoding='utf-8'; the format needs time, level, name and message.")
def test_lines_of_the_file(student: Student) -> None:
    """A line of the file has date and time, level, logger's name and message, in UTF-8, in a folder that is made"""
    use_logger(
        student,
        ["make", "digits", "logs/2026/run.log", {}],
        ["warning", "digits", "smørrebrød 100 % {ready}"],
        ["debug", "digits", "second"],
    )
    lines = text(student, "logs/2026/run.log").splitlines()
    assert len(lines) == 2, f"two messages were logged and the file has {len(lines)} lines"
    for line, parts in zip(lines, (["WARNING", "digits", "smørrebrød 100 % {ready}"], ["DEBUG", "digits", "second"])):
        missing = [part for part in parts if part not in line]
        assert not missing, f"the line {line!r} lacks {missing}"
        assert re.search(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d", line), (
            f"no date and time (2026-01-31 12:00:00) in {line!r}"
        )


@hint("Inside `except`, a logger's method `exception` adds the traceback, when the format leaves room for it.")
def test_exceptions_with_traceback(student: Student) -> None:
    """exception() writes the traceback to the file"""
    use_logger(student, ["make", "app", "app.log", {}], ["exception", "app", "no such key"])
    file = text(student, "app.log")
    missing = [part for part in ("it failed", "Traceback", "KeyError", "no such key") if part not in file]
    assert not missing, f"the log of an exception lacks {missing}"


@hint("Handlers pile up when a logger is set up twice: take the old ones off first.")
def test_set_up_twice(student: Student) -> None:
    """Set up twice, a logger writes each message once, and the newest settings hold"""
    console = use_logger(
        student,
        ["make", "app", "first.log", {"level": "DEBUG"}],
        ["info", "app", "before"],
        ["make", "app", "second.log", {"level": "ERROR"}],
        ["make", "app", "second.log", {"level": "ERROR"}],
        ["info", "app", "between"],
        ["error", "app", "after"],
    )
    assert console.count("after") == 1, f"one error was logged and the console shows it {console.count('after')} times"
    assert "between" not in console, "the level of the first set-up still holds after the second"
    second = text(student, "second.log")
    assert second.count("between") == 1, f"one message was logged and the file has it {second.count('between')} times"
    assert "between" not in text(student, "first.log"), "the file of the first set-up is still written to"


@hint("Messages of a logger 'app.data' also go up to 'app', unless you say that they shall not.")
def test_loggers_do_not_mix(student: Student) -> None:
    """Loggers `app`, `app.data` and `other` write each message once, to their own file"""
    names = ("app", "app.data", "other")
    console = use_logger(
        student,
        *(["make", name, f"logs/{name}.txt", {}] for name in names),
        *(["warning", name, f"message of {name}!"] for name in names),
    )
    for name in names:
        count = console.count(f"message of {name}!")
        assert count == 1, f"logger {name!r} logged one message and the console shows it {count} times"
        file = text(student, f"logs/{name}.txt")
        assert [other for other in names if f"message of {other}!" in file] == [name], (
            f"the loggers whose messages are in the file of {name!r}"
        )


@hint("Look for rotation by size, and for how many old files are kept; a message must not be torn or lost meanwhile.")
def test_rotation(student: Student) -> None:
    """The file is rotated by size, and so many older files are kept"""
    messages = [["info", "app", f"message number {number:04d} {'.' * 40}"] for number in range(200)]
    use_logger(student, ["make", "app", "logs/app.log", {"max_bytes": 2500, "backups": 2, "level": "ERROR"}], *messages)
    files = {path: student.read(path).decode("utf-8") for path in student.files("logs/*")}
    assert "logs/app.log" in files, "the current file has not the name that was asked for"
    sizes = {path: len(content) for path, content in files.items()}
    assert max(sizes.values()) <= 2500, f"max_bytes is 2500 and the files have {sorted(sizes.values())} bytes"
    assert len(files) == 3, f"backups is 2: the current file and two older ones, not {len(files)} files"
    numbers = sorted(int(number) for content in files.values() for number in re.findall(r"number (\d{4})", content))
    assert numbers == list(range(200 - len(numbers), 200)), "messages were lost between the files that are kept"


@hint("Both logging and loguru raise ValueError for a level that they do not know: let it through.")
def test_unknown_level(student: Student) -> None:
    """A level that does not exist is a ValueError"""
    with pytest.raises(ValueError):
        student.load("logger").make_logger("app", "app.log", level="LOUD")


def small_data(hidden: Path) -> str:
    """The given data.py, with other and fewer digits."""
    source = (hidden.parent / "data.py").read_text()
    for name, value in {"N_TRAIN": N_TRAIN, "N_TEST": N_TEST, "SEED": DIGITS, "MEAN": MEAN, "STD": STD}.items():
        source = re.sub(rf"^{name} = [\d.]+$", f"{name} = {value}", source, flags=re.MULTILINE)
    return source


def digits() -> dict[str, torch.Tensor]:
    """What data.py then gives."""
    tensors = corrupt_mnist_tensors(files=1, train=N_TRAIN, test=N_TEST, seed=DIGITS)
    return {name: (tensor - MEAN) / STD if "images" in name else tensor for name, tensor in tensors.items()}


@dataclass(frozen=True)
class Training:
    """What one run of train.py left behind."""

    exit_code: int
    last_words: str
    runs: tuple[Run, ...]
    """One for each run that wandb recorded."""
    model: bytes | None
    log: str
    images: dict[str, bytes]

    @property
    def run(self) -> Run:
        assert self.exit_code == 0, f"train.py ends with status {self.exit_code}: {self.last_words}"
        with hint("The environment says offline. Does the code choose a mode itself, mode='disabled' say?"):
            assert self.runs, "train.py recorded no run of wandb, with WANDB_MODE=offline in the environment"
        assert len(self.runs) == 1, f"one start of train.py must be one wandb run (offline here), not {len(self.runs)}"
        return self.runs[0]

    @property
    def steps(self) -> list[dict[str, Any]]:
        """The rows of the run that hold a loss or an accuracy."""
        return [row for row in self.run.history if "train_loss" in row or "train_accuracy" in row]

    def logged(self, name: str) -> list[float]:
        """What the rows say under this name."""
        kinds = {type(row.get(name)).__name__ for row in self.steps}
        assert kinds <= {"float", "int"}, f"{name} must be a number in every row; these were logged: {sorted(kinds)}"
        return [float(row[name]) for row in self.steps]


def train(student: Student, inspector: Inspector, hidden: Path, *options: str) -> Training:
    student.write("data.py", small_data(hidden))
    run = student.cli("train.py", *options, env=OFFLINE, timeout=60)
    files = [path for path in inspector.take(student, "**/run-*.wandb") if "latest" not in path]
    recorded = tuple(read_run(inspector, path) for path in files)
    return Training(
        run.exit_code,
        run.last_words,
        recorded,
        student.read("model.pth") if "model.pth" in student.files("model.pth") else None,
        student.read("train.log").decode("utf-8", "replace") if "train.log" in student.files("train.log") else "",
        {path.split("/files/")[-1]: student.read(path) for path in student.files("**/files/media/**/*.*")},
    )


@pytest.fixture(scope="module")
def trained(shared_student: Student, shared_inspector: Inspector, hidden: Path) -> Training:
    """One training, shared: what it recorded is looked at by several checks."""
    return train(
        *(shared_student, shared_inspector, hidden),
        *("--lr", "0.05", "--batch-size", str(BATCH), "--epochs", str(EPOCHS), "--seed", "5"),
    )


@hint("Give wandb.init the values that were parsed, so that the run can be repeated from its record.")
def test_config(trained: Training) -> None:
    """The run's config holds lr, batch_size, epochs and seed as given on the command line"""
    config = {name: trained.run.config.get(name) for name in ("lr", "batch_size", "epochs", "seed")}
    assert config == {"lr": 0.05, "batch_size": BATCH, "epochs": EPOCHS, "seed": 5}, (
        "the run's config, with None for what it does not hold"
    )
    assert trained.run.exit_code == 0, "the run was not finished with status 0"


@hint("One call of log is one row: give it loss and accuracy together, once in each step, as plain numbers.")
def test_one_row_per_step(trained: Training) -> None:
    """Every step is one row, with train_loss and train_accuracy as numbers"""
    expected = EPOCHS * STEPS
    for name in ("train_loss", "train_accuracy"):
        rows = len(trained.logged(name))
        assert rows == expected, (
            f"{EPOCHS} epochs of {N_TRAIN} images in batches of {BATCH} are {expected} steps, not {rows}"
        )


@hint("Accuracy is the fraction, from 0 to 1, of this step's own batch.")
def test_accuracy_of_each_batch(trained: Training) -> None:
    """train_accuracy is the fraction of right answers in the step's own batch"""
    accuracies = trained.logged("train_accuracy")
    assert accuracies, "no accuracy was logged"
    assert all(0 <= accuracy <= 1 for accuracy in accuracies), f"from 0 to 1, but logged were {accuracies[:6]} ..."
    sizes = [min(BATCH, N_TRAIN - start) for _ in range(EPOCHS) for start in range(0, N_TRAIN, BATCH)]
    counts = np.array([accuracy * size for accuracy, size in zip(accuracies, sizes)])
    assert np.allclose(counts, counts.round(), atol=1e-3), (
        "these are no fractions of their batches (the last one has 3)"
    )
    assert len(set(accuracies)) > 3, f"a network that learns has changing accuracies, not {sorted(set(accuracies))}"


@hint("Log this step's loss: not the first one again, not a sum, and after the training had its effect.")
def test_loss_falls(trained: Training) -> None:
    """train_loss falls while the network learns"""
    losses = trained.logged("train_loss")
    assert len(losses) >= 2 * STEPS, f"{len(losses)} losses were logged"
    first, last = np.mean(losses[:STEPS]), np.mean(losses[-STEPS:])
    assert last < 0.7 * first, f"mean loss of the first epoch {first:.2f}, of the last {last:.2f}"


@hint("wandb.Image makes an image of a tensor or an array; log it under the key `images`.")
def test_images(trained: Training) -> None:
    """The run holds at least one image under `images`"""
    keys = {key.split("/")[0] for row in trained.run.history for key in row}
    assert "images" in keys, f"no row has the key images; there are {sorted(key for key in keys if key[0] != '_')}"
    named = json.dumps([row for row in trained.run.history if any(key.startswith("images") for key in row)])
    kept = [content for path, content in trained.images.items() if path in named]
    assert kept and all(content.startswith(PICTURES) for content in kept), (
        "what was logged as images is no picture: was it a wandb.Image?"
    )


@probe
def weights(path):
    import pickle

    import torch

    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        return {name: tensor.detach() for name, tensor in state.items()}
    except (pickle.UnpicklingError, AttributeError):
        return None


def saved_weights(student: Student) -> dict[str, torch.Tensor]:
    """The weights in model.pth. Fails the check when they are not there as a state dict."""
    assert student.files("model.pth"), "train.py leaves no model.pth"
    state: dict[str, torch.Tensor] | None = student.run(weights, "model.pth")
    with hint("A state dict is what model.state_dict() gives; torch.save(model, ...) keeps the class as well."):
        assert state is not None, "model.pth holds something else than a state dict"
        assert {"first.weight", "first.bias", "second.weight", "second.bias"} <= state.keys(), (
            f"model.pth holds {sorted(state)}, not the weights of MyAwesomeModel"
        )
    return state


def logits(state: dict[str, torch.Tensor], images: torch.Tensor) -> torch.Tensor:
    """The given model, computed here."""
    hidden = torch.relu(images.flatten(1) @ state["first.weight"].T + state["first.bias"])
    return hidden @ state["second.weight"].T + state["second.bias"]


@hint("Save the trained weights first, then add the file to a wandb.Artifact of type model, then log the artifact.")
def test_artifact(trained: Training) -> None:
    """The artifact `corrupt_mnist_model` of type `model` holds the model.pth that was saved"""
    names = [(artifact.name, artifact.type) for artifact in trained.run.artifacts if artifact.type == "model"]
    assert names == [("corrupt_mnist_model", "model")], "name and type of the artifacts of type model in the run"
    artifact = next(artifact for artifact in trained.run.artifacts if artifact.type == "model")
    assert "model.pth" in artifact.digests, f"the artifact holds {sorted(artifact.digests)}, no model.pth"
    assert trained.model is not None, "train.py leaves no model.pth"
    digest = base64.b64encode(hashlib.md5(trained.model).digest()).decode()
    is_saved_one = artifact.digests["model.pth"] == digest
    assert is_saved_one, "the model.pth in the artifact is not the one that was there when train.py ended"


@hint("Metadata is what one chooses a model by: the accuracy of these weights on images that they were not trained on.")
def test_metadata(shared_student: Student, trained: Training) -> None:
    """The artifact's metadata has test_accuracy, of the saved weights on the test set, and epochs"""
    models = [artifact for artifact in trained.run.artifacts if artifact.type == "model"]
    assert models, "no artifact of type model was logged"
    metadata = models[0].metadata
    missing = {"test_accuracy", "epochs"} - set(metadata)
    assert not missing, f"the metadata lacks {sorted(missing)}"
    data, state = digits(), saved_weights(shared_student)
    accuracy = (logits(state, data["test_images.pt"]).argmax(1) == data["test_target.pt"]).float().mean()
    assert_close(metadata["test_accuracy"], accuracy.item(), "test_accuracy, counted again with the saved weights")
    assert metadata["epochs"] == EPOCHS, f"epochs in the metadata is {metadata['epochs']!r}, expected {EPOCHS}"


@hint("Give your logger a line at the end of each epoch.")
def test_log_file_of_training(trained: Training) -> None:
    """train.log has a line for each epoch, written by your logger"""
    assert trained.exit_code == 0, f"train.py ends with status {trained.exit_code}: {trained.last_words}"
    lines = [line for line in trained.log.splitlines() if "epoch" in line.lower() and re.search(r"\bINFO\b", line)]
    assert len(lines) >= EPOCHS, (
        f"{EPOCHS} epochs were trained and train.log has {len(lines)} lines of level INFO about an epoch"
    )


@hint("At learning rate 0 nothing is learned: then losses and accuracies are those of the weights that are saved.")
def test_losses_of_a_frozen_network(student: Student, inspector: Inspector, hidden: Path) -> None:
    """With --lr 0 the logged losses and accuracies, weighted by batch size, are those of the saved weights"""
    training = train(
        student, inspector, hidden, "--lr", "0", "--batch-size", str(BATCH), "--epochs", "1", "--seed", "8"
    )
    losses = training.logged("train_loss")
    assert len(losses) == STEPS, (
        f"{N_TRAIN} images in batches of {BATCH} are {STEPS} steps, and {len(losses)} were logged"
    )
    data, state = digits(), saved_weights(student)
    output, target = logits(state, data["train_images_0.pt"]), data["train_target_0.pt"]
    assert_close(mean_over_rows(losses), cross_entropy(output, target).item(), "the mean of the logged losses")
    accuracies = training.logged("train_accuracy")
    right = (output.argmax(1) == target).float().mean().item()
    assert_close(mean_over_rows(accuracies), right, "the mean of the logged accuracies", atol=1e-3)


@hint("The forward pass that the gradients come from has both numbers: a second one, after the step, sees new weights.")
def test_losses_before_the_update(student: Student, inspector: Inspector, hidden: Path) -> None:
    """The logged loss and accuracy are those of the batch before its update"""
    training = train(
        student, inspector, hidden, "--lr", "0.1", "--batch-size", str(N_TRAIN), "--epochs", "1", "--seed", "3"
    )
    losses, accuracies = training.logged("train_loss"), training.logged("train_accuracy")
    assert len(losses) == 1, f"{N_TRAIN} images in one batch are one step, and {len(losses)} were logged"
    data, state = digits(), saved_weights(student)
    output, target = logits(state, data["train_images_0.pt"]), data["train_target_0.pt"]
    after = cross_entropy(output, target).item()
    message = "is that of the weights after the update: "
    assert abs(losses[0] - after) > 0.01 * after, f"train_loss {message}{losses[0]:.3f}"
    right = (output.argmax(1) == target).float().mean().item()
    # Of 60 first weights none had more than 17 % right, and after this step none less than 24 %; losses fell by 7 %.
    assert abs(accuracies[0] - right) > 1e-3 or right < 0.2, f"train_accuracy {message}{accuracies[0]:.3f}"


KEYS = re.compile(
    r"""\b[0-9a-f]{40}\b | \bwandb_v1_\w{20,} | login\([^)\n]*key\s*=\s*["'][^"'\n]+["']
    | WANDB_API_KEY["']?\]?\s*[=,:]\s*["'][^"'\n]+["']""",
    re.VERBOSE,
)


@hint(
    "Who can read your repository can use your account. wandb finds the key by itself: in the environment, or ~/.netrc."
)
def test_no_key_in_the_code(student: Student) -> None:
    """No file that is handed in holds a key of wandb"""
    for path in ("train.py", "logger.py", "sweep.yaml"):
        found = KEYS.search(student.read(path).decode("utf-8", "replace"))
        assert not found, f"{path} holds a key of wandb"


def mean_over_rows(values: list[float]) -> float:
    """The mean over all images of what was logged for each batch; the last one is smaller."""
    return sum(value * size for value, size in zip(values, [BATCH] * 5 + [3])) / N_TRAIN


def read_sweep(student: Student) -> dict[str, Any]:
    sweep = read_yaml(student.read("sweep.yaml"))
    assert isinstance(sweep, dict) and isinstance(sweep.get("parameters"), dict), (
        "TODO: sweep.yaml needs program, method, metric and parameters"
    )
    for name, parameter in sweep["parameters"].items():
        assert isinstance(parameter, dict), f"parameter {name}: give value, values, or a distribution, by name"
        try:
            distribution(parameter)
        except ValueError as error:
            raise AssertionError(f"parameter {name}: {error}") from None
    return sweep


@hint("Which metric does the script log, and is more of it better? Are lr's min and max the values or their exponents?")
def test_sweep_searches_well(student: Student) -> None:
    """The sweep has a method, a metric with its goal, lr on a log scale, and several batch sizes"""
    sweep = read_sweep(student)
    assert sweep.get("method") in ("random", "bayes"), f"method {sweep.get('method')!r} cannot draw from a range"
    metric = sweep.get("metric") or {}
    assert (metric.get("name"), metric.get("goal")) in [("train_loss", "minimize"), ("train_accuracy", "maximize")], (
        f"metric {metric}: it must be one that train.py logs at every step, and its goal must fit it"
    )
    parameters = {name.replace("-", "_"): parameter for name, parameter in sweep["parameters"].items()}
    assert {"lr", "batch_size"} <= set(parameters), f"lr and batch_size are to be searched, not {sorted(parameters)}"
    assert "log_uniform" in distribution(parameters["lr"]), "lr must be drawn on a log scale"
    low, high = limits(parameters["lr"])
    assert low > 0 and high <= 1 and high / low >= 100, (
        f"lr is drawn from {low:.4g} to {high:.4g}: two decades at least, none above 1"
    )
    sizes = parameters["batch_size"]
    assert len(set(sizes.get("values", []))) >= 2 or sizes.get("max", 0) > sizes.get("min", 0), (
        "batch_size has one value only"
    )


@hint("The agent calls `train.py --NAME=VALUE`: does your script know each NAME, spelled like that?")
def test_sweep_runs_the_script(student: Student, inspector: Inspector, hidden: Path, rng: np.random.Generator) -> None:
    """train.py takes every parameter of the sweep, as wandb's agent spells it, and trains with it"""
    sweep = read_sweep(student)
    assert Path(str(sweep.get("program"))).name == "train.py", f"program is {sweep.get('program')!r}"
    values = {name: draw(parameter, rng) for name, parameter in sweep["parameters"].items()}
    options = arguments(sweep, values)
    training = train(student, inspector, hidden, *options)
    assert training.exit_code == 0, f"train.py {' '.join(options)} fails: {training.last_words}"
    config = {name: training.run.config.get(name.replace("-", "_")) for name in values}
    assert config == values, f"what the run's config holds after train.py {' '.join(options)}"
