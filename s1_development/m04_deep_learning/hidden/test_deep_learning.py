"""Hidden suite of m04: a first network, trained and evaluated from the command line."""

import io
import itertools
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from mlops_course.digits import corrupt_mnist_tensors
from mlops_grade.suite import Student, assert_close, hint, probe

FOLDER = "data/corruptmnist"
FIGURE = "training_statistics.png"


def write_data(student: Student, tensors: Mapping[str, torch.Tensor], rng: np.random.Generator) -> None:
    """Put the files into the student's folder, in no particular order."""
    for name in rng.permutation(sorted(tensors)):
        student.write(f"{FOLDER}/{name}", saved(tensors[name]))


def saved(value: Any) -> bytes:
    buffer = io.BytesIO()
    torch.save(value, buffer)
    return buffer.getvalue()


def joined(tensors: Mapping[str, torch.Tensor], kind: str) -> torch.Tensor:
    """Return all training images, or all training targets, in the order of their numbers."""
    return torch.cat([tensor for name, tensor in tensors.items() if name.startswith(f"train_{kind}")])


def features(images: torch.Tensor) -> torch.Tensor:
    """Return what the linear layer of recording_model.py sees."""
    return torch.nn.functional.adaptive_avg_pool2d(images.unsqueeze(1), 4).flatten(1)


# ---------------------------------------------------------------------------------------------------------- data.py


@probe
def read_datasets() -> dict[str, Any]:
    from data import corrupt_mnist

    read = {}
    for name, dataset in zip(("train", "test"), corrupt_mnist()):
        items = [dataset[i] for i in range(len(dataset))]
        read[name] = {"images": [item[0] for item in items], "targets": [item[1] for item in items]}
    return read


def targets_by_image(images: Any, targets: Any) -> dict[bytes, int]:
    """Return the target of each image, found by the image's pixels: the order of a data set is the student's choice."""
    pixels = [np.asarray(image, dtype=np.float32).tobytes() for image in images]
    return dict(zip(pixels, map(int, targets), strict=True))


def assert_pairs(got: Mapping[bytes, int], expected: Mapping[bytes, int], kind: str) -> None:
    """Each image is, value by value, one of those in the files, none of these is missing, and each has its target."""
    strange = len(got.keys() - expected.keys())
    with hint("Leave the pixels' values as they are in the files."):
        assert strange == 0, f"{strange} of the {len(expected)} {kind} images are not, value by value, in the files"
    absent = len(expected.keys() - got.keys())
    assert absent == 0, f"{absent} of the {len(expected)} {kind} images in the files are missing"
    wrong = sum(got[image] != expected[image] for image in expected)
    assert wrong == 0, f"{wrong} of the {len(expected)} {kind} images have the target of another image"


@hint("How many files there are is found out by looking. And each pair belongs together: match them by their number.")
def test_training_set_has_every_file(student: Student, rng: np.random.Generator) -> None:
    """corrupt_mnist() reads all training files, and each image keeps its own target"""
    tensors = corrupt_mnist_tensors(files=12, train=131, test=7, seed=int(rng.integers(2**31)))
    write_data(student, tensors, rng)
    train = student.run(read_datasets)["train"]
    expected = targets_by_image(joined(tensors, "images"), joined(tensors, "target"))
    got = targets_by_image(train["images"], train["targets"])
    assert len(train["images"]) == len(expected), "the training set has not as many images as its 12 files together"
    assert_pairs(got, expected, "training")


@hint("The test set has two files of its own: `test_images.pt` and `test_target.pt`.")
def test_test_set_is_the_test_files(student: Student, rng: np.random.Generator) -> None:
    """corrupt_mnist() returns the test files as its second data set"""
    tensors = corrupt_mnist_tensors(files=2, train=31, test=17, seed=int(rng.integers(2**31)))
    write_data(student, tensors, rng)
    test = student.run(read_datasets)["test"]
    expected = targets_by_image(tensors["test_images.pt"], tensors["test_target.pt"])
    got = targets_by_image(test["images"], test["targets"])
    assert len(test["images"]) == len(expected), "the second data set has not as many images as the test files"
    assert_pairs(got, expected, "test")


@hint("Layers for images want a channel dimension, also when there is one channel only: see `Tensor.unsqueeze`.")
def test_shapes_and_types_of_items(student: Student, rng: np.random.Generator) -> None:
    """Each item is an image, float32 [1, 28, 28], and a target, int64 []"""
    write_data(student, corrupt_mnist_tensors(files=3, train=20, test=9, seed=int(rng.integers(2**31))), rng)
    for name, dataset in student.run(read_datasets).items():
        image, target = dataset["images"][0], dataset["targets"][0]
        for what, value in (("image", image), ("target", target)):
            assert isinstance(value, torch.Tensor), f"the {what} of a {name} item is no tensor: {type(value).__name__}"
        assert tuple(image.shape) == (1, 28, 28), f"an image of the {name} set has shape {tuple(image.shape)}"
        assert image.dtype == torch.float32, f"an image of the {name} set is {image.dtype}"
        assert tuple(target.shape) == (), f"a target of the {name} set has shape {tuple(target.shape)}"
        assert target.dtype == torch.int64, f"a target of the {name} set is {target.dtype}"


# --------------------------------------------------------------------------------------------------------- model.py


@hint("The cross-entropy loss takes the output of the last linear layer as it is: leave softmax to the loss.")
@pytest.mark.parametrize("batch", [1, 7], ids=["one image", "seven images"])
def test_model_maps_images_to_logits(student: Student, batch: int) -> None:
    """MyAwesomeModel maps images [N, 1, 28, 28] to logits [N, 10]"""
    model = student.load("model").MyAwesomeModel()
    model.eval()
    logits = model(torch.rand(batch, 1, 28, 28))
    assert tuple(logits.shape) == (batch, 10)
    assert not torch.allclose(logits.sum(1), torch.ones(batch), atol=1e-4), "the rows sum to 1: these are probabilities"
    likelihood = torch.logsumexp(logits, dim=1)
    assert not torch.allclose(likelihood, torch.zeros(batch), atol=1e-4), "these are logarithms of probabilities"


@hint("A dropout layer knows the model's mode; the function `dropout` has to be told.")
def test_dropout_follows_the_mode(student: Student) -> None:
    """Dropout acts in training mode, and not in evaluation mode"""
    model = student.load("model").MyAwesomeModel()
    images = torch.rand(9, 1, 28, 28)
    model.eval()
    assert torch.equal(model(images), model(images)), "in evaluation mode the same images got different logits"
    model.train()
    assert not torch.equal(model(images), model(images)), "in training mode nothing is dropped"


@hint("Look at every reshape, and at every `dim`: dimension 0 counts the images and stays untouched.")
def test_images_do_not_mix(student: Student) -> None:
    """In evaluation mode the logits of an image depend on that image alone"""
    model = student.load("model").MyAwesomeModel()
    model.eval()
    images = torch.rand(5, 1, 28, 28)
    together = model(images)
    alone = torch.cat([model(images[i : i + 1]) for i in range(5)])
    assert_close(together, alone, "logits of five images at once, compared with one by one")
    assert not torch.allclose(together[0], together[1], atol=1e-6), "two different images got the same logits"


# ------------------------------------------------------------------------------------------------------ main.py train


def run_main(student: Student, *arguments: str) -> str:
    """Run main.py, which must succeed, and return what it printed."""
    run = student.cli("main.py", *arguments, timeout=40)
    command = f"python main.py {' '.join(arguments)}"
    assert run.exit_code == 0, f"`{command}` ended with status {run.exit_code}: {run.last_words}"
    return run.stdout


@probe
def read_checkpoint(path: str) -> Any:
    import torch

    try:
        return dict(torch.load(path, weights_only=True, map_location="cpu"))
    except Exception as error:  # a pickled model, say; its class is no built-in one
        return f"{type(error).__name__}: {str(error).partition(chr(10))[0][:200]}"


TOLD: set[str] = set()


def check_state_dict(weights: Any) -> None:
    """What read_checkpoint gives is a state dict; the first check that finds it is none says so, later ones end."""
    if isinstance(weights, dict):
        return
    if "no state dict" in TOLD:
        pytest.skip("not reached: model.pth holds no state dict")
    TOLD.add("no state dict")
    with hint("`torch.save(model.state_dict(), ...)` saves the weights; `torch.save(model, ...)` pickles the object."):
        raise AssertionError(f"model.pth holds no state dict; reading it as one gives {weights}")


class Recording:
    """One run of main.py with the recording model in place of the student's, over the data that lie there."""

    def __init__(self, student: Student, hidden: Path, *arguments: str) -> None:
        student.write("model.py", (hidden / "recording_model.py").read_bytes())
        student.write("calls.jsonl", "")
        self.printed = run_main(student, *arguments)
        calls = [json.loads(line) for line in student.read("calls.jsonl").decode().splitlines()]
        assert calls, "main.py never called a model made by `MyAwesomeModel()` of model.py"
        self.steps = [call for call in calls if call["kind"] == "forward" and call["training"]]
        self.evaluations = [call for call in calls if call["kind"] == "forward" and not call["training"]]
        self.gradients = self._after_each_batch(calls, "gradient")
        # What has gathered in `.grad`: after `backward`, or, where `autograd.grad` was used, when the step is taken.
        after_backward, at_step = (self._after_each_batch(calls, kind) for kind in ("backward", "step"))
        self.gathered = [one or other for one, other in zip(after_backward, at_step)]
        self.batch_sizes = [len(step["numbers"]) for step in self.steps]
        self.written = {name: student.read(name) for name in {"model.pth", FIGURE} & set(student.files())}

    @staticmethod
    def _after_each_batch(calls: list[dict[str, Any]], kind: str) -> list[list[Any]]:
        """Return, for each batch that was trained on, the records of a kind that followed it."""
        found: list[list[Any]] = []
        for call in calls:
            if call["kind"] == "forward" and call["training"]:
                found.append([])
            elif call["kind"] == kind and found:
                found[-1].append(call["value"])
        return found


IMAGES = 45


@pytest.fixture(scope="module")
def tensors(shared_student: Student, shared_seed: int) -> dict[str, torch.Tensor]:
    """45 training images in four files, each with its number (in thousandths) in its first pixel."""
    tensors = corrupt_mnist_tensors(files=4, train=IMAGES, test=5, seed=shared_seed)
    first = 0
    for images in (tensors[f"train_images_{file}.pt"] for file in range(4)):
        images[:, 0, 0] = torch.arange(first, first + len(images)) / 1000
        first += len(images)
    write_data(shared_student, tensors, np.random.default_rng(shared_seed))
    return tensors


@pytest.fixture(scope="module")
def training(shared_student: Student, hidden: Path, tensors: dict[str, torch.Tensor]) -> Recording:
    return Recording(shared_student, hidden, "train", "--lr", "0.05", "--batch-size", "7", "--epochs", "3")


@pytest.fixture(scope="module")
def standstill(shared_student: Student, hidden: Path, tensors: dict[str, torch.Tensor]) -> Recording:
    return Recording(shared_student, hidden, "train", "--lr", "0", "--batch-size", "7", "--epochs", "3")


def numbers_in(step: dict[str, Any]) -> list[int]:
    """Return which images a batch held, by their numbers."""
    numbers: list[int] = step["numbers"]
    with hint("Leave the pixels' values as they are in the files."):
        known = set(numbers) <= set(range(IMAGES))
        assert known, "the model was given images that are not, value by value, in the files"
    return numbers


def epochs(recording: Recording) -> list[list[int]]:
    """Return the numbers of the images in the order in which each epoch saw them."""
    numbers = [number for step in recording.steps for number in numbers_in(step)]
    return [numbers[first : first + IMAGES] for first in range(0, len(numbers), IMAGES)]


def gradient(step: dict[str, Any], images: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the gradient of the mean cross-entropy with respect to the weight that the step had."""
    chosen = torch.tensor(numbers_in(step))
    weight = torch.tensor(step["weight"], requires_grad=True)
    logits = features(images[chosen]) @ weight.T + torch.tensor(step["bias"])
    torch.nn.functional.cross_entropy(logits, targets[chosen]).backward()
    assert weight.grad is not None
    return weight.grad


@hint("The loader's batch size is the option's. A last batch that is smaller belongs to the epoch as well.")
def test_batches_cover_the_training_set(training: Recording) -> None:
    """train takes --epochs passes over all training images, in batches of --batch-size"""
    assert training.batch_sizes == [7, 7, 7, 7, 7, 7, 3] * 3, (
        f"the sizes of the {len(training.batch_sizes)} batches that were trained on: "
        "45 images with --batch-size 7 and --epochs 3 make 21"
    )
    for numbers in epochs(training):
        assert sorted(numbers) == list(range(IMAGES)), "an epoch did not see each training image exactly once"


@hint("One argument of the loader does this. Without it the network meets the same batches again and again.")
def test_each_epoch_has_its_own_order(training: Recording) -> None:
    """train shuffles the training images anew in every epoch"""
    orders = epochs(training)
    assert len(orders) > 1, "main.py trained for less than two epochs"
    assert len({tuple(order) for order in orders}) == len(orders), "two epochs saw the images in the same order"


@hint("`CrossEntropyLoss` wants logits, and averages over the batch.")
def test_loss_is_the_cross_entropy_of_the_logits(training: Recording, tensors: dict[str, torch.Tensor]) -> None:
    """train minimises the mean cross-entropy of each batch"""
    assert training.steps, "main.py never called the model in training mode"
    images, targets = joined(tensors, "images"), joined(tensors, "target")
    for step, gradients in zip(training.steps, training.gradients):
        assert gradients, "a batch went through the model, and no gradient of its loss was computed"
        expected = gradient(step, images, targets)
        assert_close(torch.tensor(gradients[-1]), expected, "the gradient of one batch", rtol=1e-3, atol=1e-5)


@hint("`backward` adds to what is in `.grad` already.")
def test_each_step_uses_its_own_gradient(training: Recording) -> None:
    """train takes one optimiser step per batch, with the gradient of that batch alone"""
    assert sum(map(len, training.gradients)) > 1, "main.py computed less than two gradients"
    for gradients, gathered in zip(training.gradients, training.gathered):
        assert gradients and gathered, "a batch was followed by no gradient in `.grad`, so that no step could use it"
        # Shortening a gradient (clipping) is fine; what is left of an earlier batch points elsewhere.
        got, own = (torch.nn.functional.normalize(torch.tensor(each[-1]), dim=(0, 1)) for each in (gathered, gradients))
        assert_close(got, own, "the direction of `.grad` at a step, beside the gradient of its batch", atol=1e-4)
    for before, after in itertools.pairwise(training.steps):
        stuck = before["weight"] == after["weight"]
        with hint("The gradient is there; who changes the weights by it, and when?"):
            assert not stuck, "the weights did not change between two batches"


@hint("What an optimiser is not told it takes from its own defaults.")
def test_learning_rate_reaches_the_optimiser(standstill: Recording) -> None:
    """train --lr 0 leaves the weights as they were"""
    assert len(standstill.steps) > 1, "main.py trained for less than two batches"
    first, *_, last = standstill.steps
    unchanged = last["weight"] == first["weight"]
    assert unchanged, "the weights changed although the learning rate is 0"


@hint("Save the state dict, and save it when training is over.")
def test_checkpoint_holds_the_trained_weights(training: Recording, shared_student: Student) -> None:
    """train writes the trained weights, a state dict, to model.pth"""
    assert "model.pth" in training.written, "train wrote no model.pth to the current folder"
    shared_student.write("written.pth", training.written["model.pth"])
    weights = shared_student.run(read_checkpoint, "written.pth")
    check_state_dict(weights)
    assert sorted(weights) == ["output.bias", "output.weight"], (
        "the names in model.pth, for a model of ours with one layer, called output"
    )
    old = weights["output.weight"].tolist() in [step["weight"] for step in training.steps]
    assert not old, "these weights are older than the last step"


@hint("Plot what the run measured, then save: a figure that was shown or closed before is empty.")
def test_figure_shows_the_training(training: Recording, standstill: Recording) -> None:
    """train draws its statistics to training_statistics.png"""
    figures = [run.written.get(FIGURE, b"") for run in (training, standstill)]
    assert all(figures), f"train wrote no {FIGURE} to the current folder"
    assert figures[0].startswith(b"\x89PNG\r\n\x1a\n"), f"{FIGURE} is no PNG file"
    alike = figures[0] == figures[1]
    assert not alike, "a run that learns and one with --lr 0 gave the very same picture"


@hint("The defaults stand in the task's text; `python main.py train --help` shows those of your program.")
def test_defaults(student: Student, hidden: Path, seed: int) -> None:
    """train alone means --lr 1e-3 --batch-size 32 --epochs 10"""
    tensors = corrupt_mnist_tensors(files=1, train=35, test=5, seed=seed)
    for name in ("train_images_0.pt", "train_target_0.pt"):
        tensors[name][:] = tensors[name][0].clone()  # all alike, so that the order makes no difference
    write_data(student, tensors, np.random.default_rng(seed))
    bare = Recording(student, hidden, "train")
    assert bare.batch_sizes == [32, 3] * 10, (
        f"the sizes of the {len(bare.batch_sizes)} batches that were trained on: 35 images make 20 with the defaults"
    )
    explicit = Recording(student, hidden, "train", "--lr", "1e-3", "--batch-size", "32", "--epochs", "10")
    assert_close(
        torch.tensor(bare.steps[-1]["weight"]),
        torch.tensor(explicit.steps[-1]["weight"]),
        "the weights after `train`, compared with those after `train --lr 1e-3`",
        atol=1e-6,
    )


@hint("Watch the loss over the epochs: does it fall, and far enough? Adam works well at the default learning rate.")
def test_trained_model_knows_digits_it_has_not_seen(student: Student, rng: np.random.Generator) -> None:
    """train --epochs 6 over 1200 digits gets at least half of 297 others right"""
    tensors = corrupt_mnist_tensors(files=5, train=1200, test=297, seed=int(rng.integers(2**31)))
    held_out, labels = tensors["test_images.pt"].unsqueeze(1), tensors["test_target.pt"]
    tensors["test_images.pt"], tensors["test_target.pt"] = torch.rand(9, 28, 28), torch.arange(9)
    write_data(student, tensors, rng)
    run_main(student, "train", "--epochs", "6")
    check_state_dict(student.run(read_checkpoint, "model.pth"))
    predictions = student.run(predict, held_out)
    assert tuple(predictions.shape) == (297,), "the shape of the model's predictions, one for each of 297 digits"
    accuracy = (predictions == labels).double().mean().item()
    assert accuracy >= 0.5, f"only {accuracy:.0%} of 297 digits that were not in the training set were recognised"


@probe
def predict(images: Any) -> Any:
    import torch
    from model import MyAwesomeModel

    model = MyAwesomeModel()
    model.load_state_dict(torch.load("model.pth", weights_only=True, map_location="cpu"))
    model.eval()
    with torch.inference_mode():
        return model(images).argmax(dim=1)


# --------------------------------------------------------------------------------------------------- main.py evaluate


@pytest.fixture(scope="module")
def evaluation(shared_student: Student, hidden: Path, shared_seed: int) -> tuple[Recording, float]:
    """A run of `evaluate` over 33 images with weights of ours, and the accuracy that it should print."""
    tensors = corrupt_mnist_tensors(files=3, train=60, test=33, seed=shared_seed)
    train_features, train_targets = features(joined(tensors, "images")), joined(tensors, "target")
    weight = torch.zeros(10, 16).index_add_(0, train_targets, train_features - train_features.mean(0))
    targets = tensors["test_target.pt"]
    targets[::4] = (targets[::4] + 1) % 10  # some labels are wrong, so that the accuracy is neither 0 nor 1
    predictions = (features(tensors["test_images.pt"]) @ weight.T).argmax(1)
    write_data(shared_student, tensors, np.random.default_rng(shared_seed))
    shared_student.write("weights/of ours.pth", saved({"output.weight": weight, "output.bias": torch.zeros(10)}))
    shared_student.write("model.pth", saved({"output.weight": torch.zeros(10, 16), "output.bias": torch.arange(10.0)}))
    recording = Recording(shared_student, hidden, "evaluate", "weights/of ours.pth")
    return recording, (predictions == targets).double().mean().item()


@hint("Count right answers over all images, then divide once. Which file, which of the two data sets?")
def test_accuracy_is_the_share_of_right_answers(evaluation: tuple[Recording, float]) -> None:
    """evaluate MODEL prints `Test accuracy: x`, the share of test images that the weights in MODEL get right"""
    recording, expected = evaluation
    found = re.search(r"Test accuracy:\s*([0-9.eE+-]+)", recording.printed)
    assert found, f"`Test accuracy: x` is not in what evaluate printed:\n{recording.printed}"
    assert_close(float(found[1]), expected, "the accuracy over 33 test images", atol=1e-3)


@hint("A model starts in training mode, and keeps track of gradients until it is told that nobody asks for them.")
def test_evaluation_has_no_side_effects(evaluation: tuple[Recording, float]) -> None:
    """evaluate puts the model into evaluation mode and computes no gradients"""
    recording, _ = evaluation
    assert not recording.steps, "evaluate called the model in training mode"
    tracked = any(call["gradients"] for call in recording.evaluations)
    assert not tracked, "evaluate called the model while gradients were being tracked"
