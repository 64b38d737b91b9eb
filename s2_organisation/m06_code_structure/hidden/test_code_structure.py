"""Hidden suite of m06: a package in src layout, from raw data to a figure, and a template for the next one."""

import importlib.util
import io
import json
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from itertools import pairwise, zip_longest
from math import ceil
from pathlib import Path, PurePosixPath
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from packaging.requirements import Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from mlops_course.digits import digit_tensors
from mlops_grade.suite import Inspector, Student, assert_close, hint, probe

PNG = b"\x89PNG\r\n\x1a\n"
IN_SRC = {"PYTHONPATH": "src"}


def saved(value: Any) -> bytes:
    """Return what torch.save writes."""
    buffer = io.BytesIO()
    torch.save(value, buffer)
    return buffer.getvalue()


def write_raw(student: Student, rng: np.random.Generator, folder: str) -> dict[str, torch.Tensor]:
    """Write raw files of uneven sizes; return the whole tensors. Pixel (0, 0) tells the images apart."""
    sizes = [int(size) for size in rng.integers(3, 9, size=rng.integers(11, 14))]
    tensors = {}
    for split, count in (("train", sum(sizes)), ("test", 17)):
        shift, scale = rng.uniform(-3, 3), rng.uniform(0.5, 4)
        images = torch.from_numpy(rng.normal(shift, scale, size=(count, 28, 28)).astype(np.float32))
        images[:, 0, 0] = torch.from_numpy(rng.permutation(count).astype(np.float32)) / count
        tensors[f"{split}_images"] = images
        tensors[f"{split}_target"] = torch.from_numpy(rng.integers(0, 10, size=count))
    starts = np.cumsum([0, *sizes])
    for number, (start, stop) in enumerate(pairwise(starts)):
        student.write(f"{folder}/train_images_{number}.pt", saved(tensors["train_images"][start:stop].clone()))
        # Labels are int32 here and int64 in the test set, as in files that several people made.
        student.write(f"{folder}/train_target_{number}.pt", saved(tensors["train_target"][start:stop].int()))
    student.write(f"{folder}/test_images.pt", saved(tensors["test_images"]))
    student.write(f"{folder}/test_target.pt", saved(tensors["test_target"]))
    return tensors


def write_processed(student: Student, folder: str, train: int, test: int) -> dict[str, torch.Tensor]:
    """Write real digits as processed files, so that what reads them does not depend on the student's data.py."""
    train_images, train_target = digit_tensors("train")
    test_images, test_target = digit_tensors("test")
    mean, std = train_images.mean(), train_images.std()
    rows = torch.randperm(len(train_images))[:train]
    tensors = {
        "train_images": (train_images[rows] - mean) / std,
        "train_target": train_target[rows],
        "test_images": (test_images[:test] - mean) / std,
        "test_target": test_target[:test],
    }
    for name, tensor in tensors.items():
        student.write(f"{folder}/{name}.pt", saved(tensor.clone()))
    return tensors


def given_model(hidden: Path) -> torch.nn.Module:
    """Return the network of the given model.py (the course's own copy), with weights that make features differ."""
    spec = importlib.util.spec_from_file_location("given_model", hidden.parent / "src/corrupt_mnist/model.py")
    assert spec is not None and spec.loader is not None, "the given model.py cannot be found"
    module: ModuleType = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    model: torch.nn.Module = module.MyAwesomeModel()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(2)
    return model.eval()


@probe
def load_tensors(folder, names):
    import torch

    return {name: torch.load(f"{folder}/{name}.pt") for name in names}


@probe
def load_state(path):
    import torch

    return dict(torch.load(path))


@probe
def one_batch(dataset, size):
    from torch.utils.data import DataLoader

    images, target = next(iter(DataLoader(dataset, batch_size=size)))
    return {"length": len(dataset), "images": images, "target": target}


@probe
def learning_rates(train, kwargs):
    """Train, and return the learning rate of every step that an optimiser took."""
    from torch.optim.optimizer import register_optimizer_step_pre_hook

    rates = []
    hook = register_optimizer_step_pre_hook(lambda optimizer, *_: rates.append(float(optimizer.param_groups[0]["lr"])))
    try:
        train(**kwargs)
    finally:
        hook.remove()
    return rates


@probe
def fed_to_tsne(visualize, args, kwargs):
    """Call visualize with a stand-in for the slow part of t-SNE; return what it was fed."""
    import numpy
    from sklearn.manifold import TSNE

    fed = []

    def fit(self, X, y=None):
        fed.append(numpy.array(X, dtype=numpy.float64))
        self.embedding_ = numpy.random.default_rng(0).normal(size=(len(X), self.n_components))
        return self

    TSNE.fit = fit
    TSNE.fit_transform = lambda self, X, y=None: fit(self, X).embedding_
    visualize(*args, **kwargs)
    return fed


@probe
def imported_modules(folder):
    """Each module that the files below a folder cannot do without, and the file that imports it; nothing is run."""
    import ast
    import pathlib

    def optional(node):
        if isinstance(node, ast.If):
            return "TYPE_CHECKING" in ast.unparse(node.test)
        handled = " ".join(ast.unparse(each.type) for each in getattr(node, "handlers", []) if each.type)
        return isinstance(node, ast.Try) and ("ImportError" in handled or "ModuleNotFoundError" in handled)

    found, root = {}, pathlib.Path(folder)
    for path in sorted(root.rglob("*.py")):
        nodes = [ast.parse(path.read_bytes())]
        while nodes:
            node = nodes.pop()
            nodes += [] if optional(node) else ast.iter_child_nodes(node)
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module]
            else:
                continue
            found.update((name.split(".")[0], path.name) for name in names)
    return found


@probe
def build_wheel():
    """Build the project as pip would, with what is installed here; return the wheel's bytes."""
    import importlib
    import logging
    import pathlib
    import sys
    import tomllib

    logging.disable(logging.WARNING)
    system = tomllib.loads(pathlib.Path("pyproject.toml").read_text(encoding="utf-8")).get("build-system", {})
    sys.path[:0] = system.get("backend-path", [])
    name, _, attribute = system.get("build-backend", "setuptools.build_meta:__legacy__").partition(":")
    backend = importlib.import_module(name)
    for part in attribute.split(".") if attribute else []:
        backend = getattr(backend, part)
    target = pathlib.Path("wheel_of_the_project")
    target.mkdir()
    wheel = backend.build_wheel(str(target))
    return wheel, (target / wheel).read_bytes()


@probe
def unpacked(wheel):
    """The files of a wheel, and what its metadata say by name."""
    import io
    import zipfile
    from email.parser import BytesParser

    archive = zipfile.ZipFile(io.BytesIO(wheel))
    files = {name: archive.read(name) for name in archive.namelist()}
    metadata = BytesParser().parsebytes(next(data for name, data in files.items() if name.endswith("/METADATA")))
    return files, str(metadata["Name"]), [str(each) for each in metadata.get_all("Requires-Dist", [])]


@probe
def render(context, output):
    from pathlib import Path

    from cookiecutter.main import cookiecutter

    # Imported in the warm parent, it has that one's home in its own defaults.
    places = {name: str(Path.home() / name) for name in ("replay_dir", "cookiecutters_dir")}
    cookiecutter("template", no_input=True, extra_context=context, output_dir=output, default_config=places)


def process(student: Student, rng: np.random.Generator) -> tuple[dict[str, torch.Tensor], dict[str, torch.Tensor]]:
    """Return raw tensors, and what preprocess_data makes of them in a folder that does not exist yet."""
    raw = write_raw(student, rng, "downloads/raw")
    data = student.load("corrupt_mnist.data", path="src")
    data.preprocess_data(Path("downloads/raw"), Path("made/on/the/way"))
    return raw, student.run(load_tensors, "made/on/the/way", list(raw))


def in_order(images: torch.Tensor) -> torch.Tensor:
    """Return the order of the images by their pixel (0, 0), which tells them apart."""
    return images.reshape(len(images), -1)[:, 0].argsort()


def undeclared(imported: dict[str, str], metadata: list[str]) -> list[str]:
    """What is imported and comes with no declared distribution, in words; a distribution of an extra is not declared.

    Python's own modules, the package itself, and the course's (which is on no index) need no declaration.
    """
    requirements = [Requirement(line) for line in metadata]
    # Markers that ask for the platform may well be false here; only those that ask for an extra never count.
    declared = {
        canonicalize_name(each.name)
        for each in requirements
        if each.marker is None or "extra" not in str(each.marker) or each.marker.evaluate({"extra": ""})
    }
    known = packages_distributions()
    free = {*sys.stdlib_module_names, "corrupt_mnist", "mlops_course"}
    return [
        f"{file} imports {module}"
        for module, file in sorted(imported.items())
        if module not in free and not declared & {canonicalize_name(name) for name in known.get(module, [module])}
    ]


@hint("`mean` and `std` are optional: only what is not given is computed from the images.")
def test_normalize(student: Student, rng: np.random.Generator) -> None:
    """normalize uses the mean and std that it is given, and those of the images otherwise"""
    normalize = student.load("corrupt_mnist.data", path="src").normalize
    images = torch.from_numpy(rng.normal(3, 5, size=(7, 1, 9, 9)).astype(np.float32))
    own = normalize(images)
    assert_close(own, (images - images.mean()) / images.std(), "normalize(images)", rtol=1e-3, atol=1e-3)
    assert_close(normalize(images, 0.0, 4.0), images / 4, "normalize(images, 0.0, 4.0)")
    with hint("Each of the two can be given without the other: decide about one at a time."):
        one = normalize(images, mean=1.0)
        assert_close(one, (images - 1) / images.std(), "normalize(images, mean=1.0)", rtol=1e-3, atol=1e-3)
        other = normalize(images, std=4.0)
        assert_close(other, (images - images.mean()) / 4, "normalize(images, std=4.0)", rtol=1e-3, atol=1e-3)


@hint("Compute one mean and one standard deviation over all pixels of all training images together.")
def test_training_images_are_normalised(student: Student, rng: np.random.Generator) -> None:
    """The processed training images have mean 0 and standard deviation 1"""
    raw, made = process(student, rng)
    images = made["train_images"]
    count = len(raw["train_images"])
    assert tuple(images.shape) == (count, 1, 28, 28), f"the shape of the training images, made from {count} raw ones"
    assert images.dtype == torch.float32, "the processed images are not float32"
    assert abs(images.mean().item()) < 1e-3, f"the mean is {images.mean().item():.4f}, not 0"
    assert abs(images.std().item() - 1) < 1e-3, f"the standard deviation is {images.std().item():.4f}, not 1"
    expected = (raw["train_images"] - raw["train_images"].mean()) / raw["train_images"].std()
    assert_close(images[in_order(images), 0], expected[in_order(expected)], "the training images", rtol=1e-2, atol=1e-3)


@hint("The test set stands for data that nobody has seen yet. Which statistics would you have, when they arrive?")
def test_test_images_use_the_training_statistics(student: Student, rng: np.random.Generator) -> None:
    """The test images are normalised by the statistics of the training set"""
    raw, made = process(student, rng)
    images = made["test_images"]
    assert tuple(images.shape) == (17, 1, 28, 28), "the shape of the test images, made from 17 raw ones"
    own = (raw["test_images"] - raw["test_images"].mean()) / raw["test_images"].std()
    close = torch.allclose(images[in_order(images), 0], own[in_order(own)], atol=1e-2)
    assert not close, "the test images were normalised by their own mean and standard deviation"
    expected = (raw["test_images"] - raw["train_images"].mean()) / raw["train_images"].std()
    assert_close(images[in_order(images), 0], expected[in_order(expected)], "the test images", rtol=1e-2, atol=1e-3)


@hint("The number of raw files is not fixed, and a folder lists them in any order.")
def test_targets_stay_with_their_images(student: Student, rng: np.random.Generator) -> None:
    """Every raw file is used, and each image keeps its target (int64)"""
    raw, made = process(student, rng)
    for split in ("train", "test"):
        got, expected = made[f"{split}_target"], raw[f"{split}_target"]
        assert got.dtype == torch.int64, f"the {split} targets are {got.dtype}, not int64"
        assert len(got) == len(expected), f"there are {len(got)} {split} targets, expected {len(expected)}"
        kept = got[in_order(made[f"{split}_images"])].tolist()
        wanted = expected[in_order(raw[f"{split}_images"])].tolist()
        wrong = sum(one != other for one, other in zip_longest(kept, wanted))
        assert wrong == 0, f"{wrong} of the {len(wanted)} {split} images do not have their own target"


@hint("`python -m corrupt_mnist.data RAW PROCESSED`: the arguments, then a folder that may be there or not.")
def test_data_from_the_command_line(student: Student, rng: np.random.Generator) -> None:
    """python -m corrupt_mnist.data makes its folder, can run again, and leaves the raw files alone"""
    write_raw(student, rng, "raw data")
    before = {name: student.read(name) for name in student.files("raw data/**")}
    for attempt in ("first", "second"):
        run = student.cli("-m", "corrupt_mnist.data", "raw data", "out/of/sight", env=IN_SRC)
        assert run.exit_code == 0, f"the {attempt} run ended with status {run.exit_code}: {run.last_words}"
    written = {PurePosixPath(name).name for name in student.files("out/of/sight/**")}
    missing = {"train_images.pt", "train_target.pt", "test_images.pt", "test_target.pt"} - written
    assert not missing, f"not written into the folder for processed data: {', '.join(sorted(missing))}"
    assert {name: student.read(name) for name in student.files("raw data/**")} == before, "the raw files were changed"


@hint("`train` chooses which pair of files is read; an item is the image with its channel, and its target.")
def test_dataset_serves_both_splits(student: Student) -> None:
    """MyDataset serves the training set or the test set, item by item"""
    tensors = write_processed(student, "some/folder", train=23, test=11)
    data = student.load("corrupt_mnist.data", path="src")
    for split, dataset in (
        ("train", data.MyDataset(Path("some/folder"))),
        ("test", data.MyDataset(Path("some/folder"), train=False)),
    ):
        batch = student.run(one_batch, dataset, 9)
        length, count = batch["length"], len(tensors[f"{split}_target"])
        assert length == count, f"MyDataset has {length} items for the {split} set, expected {count}"
        assert tuple(batch["images"].shape) == (9, 1, 28, 28), f"the shape of a batch of nine {split} images"
        assert batch["target"].dtype == torch.int64, f"the targets are {batch['target'].dtype}, not int64"
        assert_close(batch["images"], tensors[f"{split}_images"][:9], f"the first images of the {split} set")
        assert batch["target"].tolist() == tensors[f"{split}_target"][:9].tolist(), (
            f"the first nine targets of the {split} set"
        )


@hint("Build it (`python -m pip wheel . --no-deps`) and look inside: which folder must be the root of the package?")
def test_project_installs(student: Student, inspector: Inspector) -> None:
    """The project builds, and what is installed is the package corrupt_mnist with all its modules"""
    student.patience = 40
    imported = student.run(imported_modules, "src/corrupt_mnist")
    name, data = student.run(build_wheel)
    wheel, distribution, requirements = inspector.run(unpacked, data)
    names = [entry for entry in wheel if ".dist-info/" not in entry]
    assert {entry.split("/")[0] for entry in names} == {"corrupt_mnist"}, (
        "the folders and modules that pip would install"
    )
    modules = {"__init__.py", "data.py", "model.py", "train.py", "evaluate.py", "visualize.py"}
    missing = modules - {entry.removeprefix("corrupt_mnist/") for entry in names}
    assert not missing, f"{name} lacks {sorted(missing)}"

    assert canonicalize_name(distribution) == "corrupt-mnist", "the name of the project, as pip writes it"
    silent = undeclared(imported, requirements)
    with hint("Read the imports at the top of each file. What pip calls scikit-learn, Python calls sklearn."):
        assert not silent, f"{'; '.join(silent)}: the dependencies in pyproject.toml do not say so"

    for entry in names:
        student.write(f"installed/{entry}", wheel[entry])
    installed = student.load("corrupt_mnist.data", path="installed")
    assert callable(installed.preprocess_data), "the installed corrupt_mnist.data has no preprocess_data"


@hint("Make the folders of both files before you save; save `model.state_dict()`.")
def test_training_writes_a_model_that_works(student: Student, hidden: Path) -> None:
    """python -m corrupt_mnist.train writes a figure and a state dict that reads digits it has not seen"""
    write_processed(student, "digits", train=700, test=5)
    run = student.cli(
        *("-m", "corrupt_mnist.train", "--data-dir", "digits", "--lr", "0.003", "--batch-size", "25"),
        *("--epochs", "3", "--model-path", "new/models/m.pth", "--figure-path", "new/figures/f.png"),
        env=IN_SRC,
    )
    assert run.exit_code == 0, f"it ended with status {run.exit_code}: {run.last_words}"
    assert student.read("new/figures/f.png").startswith(PNG), "the figure is not a PNG file"
    model = given_model(hidden)
    model.load_state_dict(student.run(load_state, "new/models/m.pth"))
    images, _ = digit_tensors("train")
    unseen, target = digit_tensors("test")
    with torch.no_grad():
        predictions = model((unseen - images.mean()) / images.std()).argmax(1)
    accuracy = (predictions == target).float().mean().item()
    assert accuracy > 0.6, f"after 3 epochs the model reads {accuracy:.0%} of 297 unseen digits"


@hint("Every digit is used once in each epoch, the last, smaller batch included. Do all three options arrive?")
def test_training_options(student: Student, rng: np.random.Generator) -> None:
    """lr, batch_size and epochs, given or left at their defaults, are what train works with"""
    student.patience = 40
    train = student.load("corrupt_mnist.train", path="src").train
    write_processed(student, "data/processed", train=65, test=40)
    rates = student.run(learning_rates, train, {})
    assert rates, "no optimiser took a step, with the defaults"
    assert (len(rates), rates[0]) == (10 * ceil(65 / 32), pytest.approx(1e-3)), (
        "the number of the optimiser's steps over 65 images, and its learning rate, with the defaults"
    )
    files = set(student.files())
    wanted = {"models/model.pth", "reports/figures/training_statistics.png"}
    assert wanted <= files, f"no {sorted(wanted - files)} was written by default"

    lr, batch_size, epochs = float(rng.uniform(1e-4, 1e-2)), int(rng.integers(9, 20)), int(rng.integers(2, 5))
    rates = student.run(learning_rates, train, {"lr": lr, "batch_size": batch_size, "epochs": epochs})
    given = f"lr={lr:.6g}, batch_size={batch_size}, epochs={epochs}"
    assert rates, f"no optimiser took a step, with {given}"
    assert (len(rates), rates[0]) == (epochs * ceil(65 / batch_size), pytest.approx(lr)), (
        f"the number of the optimiser's steps over 65 images, and its learning rate, with {given}"
    )


@hint("Same model, same digits, but another number: which layer behaves differently while training?")
def test_evaluation_prints_the_accuracy(student: Student, hidden: Path) -> None:
    """python -m corrupt_mnist.evaluate prints the accuracy on the test set"""
    tensors = write_processed(student, "digits", train=20, test=101)
    model = given_model(hidden)
    with torch.no_grad():
        target = model(tensors["test_images"]).argmax(1)
    altered = torch.randperm(101)[: int(torch.randint(10, 40, ()))]
    target[altered] = (target[altered] + 1) % 10
    student.write("digits/test_target.pt", saved(target))
    student.write("given.pth", saved(model.state_dict()))
    run = student.cli("-m", "corrupt_mnist.evaluate", "given.pth", "--data-dir", "digits", env=IN_SRC)
    assert run.exit_code == 0, f"it ended with status {run.exit_code}: {run.last_words}"
    printed = re.search(r"Test accuracy: (\d+(?:\.\d+)?)", run.stdout)
    assert printed, f"no line 'Test accuracy: x' among what was printed:\n{run.stdout[-400:]}"
    assert float(printed[1]) == pytest.approx(1 - len(altered) / 101, abs=0.005), (
        "the accuracy that was printed, for a test set of 101 digits"
    )


@hint("Ten numbers a digit would be logits. Feed t-SNE what enters `fc`, for the test set, with dropout off.")
def test_embeddings_come_from_the_last_features(student: Student, hidden: Path) -> None:
    """visualize feeds t-SNE the 32 features that enter the last layer, for every test digit"""
    tensors = write_processed(student, "digits", train=20, test=37)
    model = given_model(hidden)
    student.write("given.pth", saved(model.state_dict()))
    visualize = student.load("corrupt_mnist.visualize", path="src").visualize
    student.patience = 40
    fed = student.run(fed_to_tsne, visualize, [Path("given.pth")], {"data_dir": Path("digits")})
    assert len(fed) == 1, f"t-SNE was fitted {len(fed)} times"
    assert tuple(fed[0].shape) == (37, 32), "the shape of what t-SNE was fed, for 37 test digits"
    model.fc = torch.nn.Identity()
    with torch.no_grad():
        expected = model(tensors["test_images"]).numpy()
    # Any order of the digits is fine: each expected row must be there.
    distances = np.linalg.norm(expected[:, None] - fed[0][None], axis=2).min(axis=1)
    far = int((distances > 1e-3).sum())
    assert far == 0, f"for {far} of 37 test digits, t-SNE was fed other numbers than the features"
    assert student.read("reports/figures/embeddings.png").startswith(PNG), "the figure is not a PNG file"


@hint("`figure_dir / figure_name`: both are arguments, and the folder may not exist.")
def test_figure_has_the_name_that_was_asked_for(student: Student, hidden: Path) -> None:
    """visualize writes the figure under the name and in the folder that it is given"""
    write_processed(student, "data/processed", train=20, test=13)
    student.write("given.pth", saved(given_model(hidden).state_dict()))
    visualize = student.load("corrupt_mnist.visualize", path="src").visualize
    student.patience = 40
    figure = {"figure_name": "clouds.png", "figure_dir": Path("a/new/place")}
    student.run(fed_to_tsne, visualize, [Path("given.pth")], figure)
    pictures = [name for name in student.files() if name.endswith(".png")]
    assert pictures == ["a/new/place/clouds.png"], (
        "the PNG files after visualize with figure_name clouds.png and figure_dir a/new/place"
    )


NAMES = (
    {"project_name": "Storm-Petrel Counter", "author_name": "Marie Tharp", "python_version": "3.12"},
    {"project_name": "Deep Sea Sounder 2", "author_name": "Åsa O'Neil", "python_version": "3.13"},
)
# The tool itself may be named, and credited: it is the variables that have to be gone.
PLACEHOLDER = re.compile(
    r"\{[{%][^{}]*\bcookiecutter\b[^{}]*|\bcookiecutter\.(?:project_name|project_slug|author_name|python_version)\b"
)
SLUGS = ("storm_petrel_counter", "deep_sea_sounder_2")


def rendered(student: Student) -> list[dict[str, str]]:
    """Render the template for both names; return the files of each project, by path within it."""
    student.patience = 40
    projects = []
    for context, slug in zip(NAMES, SLUGS, strict=True):
        student.run(render, context, f"out of {slug}")
        paths = student.files(f"out of {slug}/**")
        folders = {path.split("/")[1] for path in paths}
        assert folders == {slug}, f"the folders that the template makes for the project {context['project_name']}"
        prefix = f"out of {slug}/{slug}/"
        projects.append({path.removeprefix(prefix): student.read(path).decode() for path in paths})
    return projects


def check_python(text: object, chosen: str) -> None:
    """requires-python lets in the chosen version and later ones, and none before it."""
    try:
        specifier = SpecifierSet(str(text))
    except InvalidSpecifier:
        pytest.fail(f"requires-python in the rendered pyproject.toml is {text!r}, which is no range of versions")
    minor = int(chosen.split(".")[1])
    for version, wanted in ((f"3.{minor - 1}.9", False), (f"{chosen}.0", True), (f"3.{minor + 1}.1", True)):
        assert specifier.contains(version) == wanted, (
            f"requires-python in the rendered pyproject.toml is {text}: it {'leaves out' if wanted else 'lets in'} "
            f"Python {version}, and {chosen} was chosen"
        )


@hint("What a template must not know is any project's name: ask for it, and derive the slug from it.")
def test_template_takes_the_names_it_is_given(student: Student) -> None:
    """The template, rendered for two projects, has each one's names everywhere and nobody else's"""
    defaults = json.loads(student.read("template/cookiecutter.json"))
    missing = {"project_name", "project_slug", "author_name", "python_version"} - set(defaults)
    assert not missing, f"cookiecutter.json does not ask for {sorted(missing)}"
    for project, context, slug in zip(rendered(student), NAMES, SLUGS, strict=True):
        for path, text in project.items():
            left = PLACEHOLDER.search(path) or PLACEHOLDER.search(text)
            assert not left, f"{path} of the rendered project still has a placeholder: {left and left[0]}"
        wanted = {"README.md", "pyproject.toml", ".gitignore", "tests/test_data.py"}
        wanted |= {f"src/{slug}/{name}" for name in ("__init__.py", "data.py", "train.py")}
        missing = wanted - set(project)
        assert not missing, f"the rendered project lacks {sorted(missing)}"
        title = next((line for line in project["README.md"].splitlines() if line.strip()), "")
        assert title.strip() == f"# {context['project_name']}", "the first line of the rendered README.md"
        try:
            metadata = tomllib.loads(project["pyproject.toml"]).get("project", {})
        except tomllib.TOMLDecodeError as error:
            pytest.fail(f"the rendered pyproject.toml is no TOML: {error}")
        missing = {"name", "authors", "requires-python"} - set(metadata)
        assert not missing, f"[project] in the rendered pyproject.toml lacks {', '.join(sorted(missing))}"
        assert canonicalize_name(metadata["name"]) == canonicalize_name(slug), "the name in the rendered pyproject.toml"
        tables = all(isinstance(author, dict) for author in metadata["authors"])
        assert tables, f"authors in the rendered pyproject.toml are {metadata['authors']}, expected tables with a name"
        assert [author.get("name") for author in metadata["authors"]] == [context["author_name"]], (
            "the names of the authors in the rendered pyproject.toml"
        )
        check_python(metadata["requires-python"], context["python_version"])


@hint("Render it yourself, go into the folder, and run its tests: `PYTHONPATH=src python -m pytest`.")
def test_rendered_projects_work(student: Student) -> None:
    """In a rendered project, python -m <slug>.train runs, and so do the tests, which import the package"""
    rendered(student)
    for slug in SLUGS:
        folder = f"out of {slug}/{slug}"
        run = student.cli("-m", f"{slug}.train", cwd=folder, env=IN_SRC)
        assert run.exit_code == 0, f"it ended with status {run.exit_code}: {run.last_words}"
    # One of the projects is enough for running the tests, the slowest part.
    without_plugins = IN_SRC | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    run = student.cli("-m", "pytest", "-q", "tests", cwd=folder, env=without_plugins)
    with hint("A status of 5 means that pytest found no test: how does a test's name begin?"):
        assert run.exit_code == 0, f"pytest ended with status {run.exit_code}: {run.last_words}"
    for module in ("__init__.py", "data.py"):
        student.write(f"{folder}/src/{slug}/{module}", "raise ImportError('this package is broken on purpose')\n")
    run = student.cli("-m", "pytest", "-q", "tests", cwd=folder, env=without_plugins)
    assert run.exit_code != 0, f"the tests pass even when {slug} cannot be imported: tests/test_data.py does not use it"


@hint("`git check-ignore -v PATH` tells which line of .gitignore catches a path. A leading slash ties a pattern down.")
def test_rendered_gitignore(student: Student) -> None:
    """The rendered .gitignore keeps the folder data/ out of git, and no source file"""
    rendered(student)
    slug = SLUGS[0]
    student.write(
        "ignored.sh", 'git init --quiet .; for path; do git check-ignore --quiet "$path" && echo "$path"; done'
    )
    sources = [f"src/{slug}/data.py", f"src/{slug}/train.py", "tests/test_data.py", "pyproject.toml", "README.md"]
    data = ["data/raw/images.pt", "data/processed/train_images.pt"]
    run = student.shell("../../ignored.sh", *data, *sources, cwd=f"out of {slug}/{slug}")
    assert not run.stderr, run.stderr[-800:]
    assert run.stdout.splitlines() == data, "the paths of the rendered project that git ignores"
