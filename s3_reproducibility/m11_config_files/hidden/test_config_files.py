"""Hidden suite of m11: a training program configured by Hydra."""

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch

from mlops_course.digits import digit_tensors
from mlops_grade.suite import Student, assert_close, hint, probe, read_yaml

FRESH_START = Path(__file__).with_name("fresh_start.py").read_text()
EXPERIMENTS: dict[str, dict[str, float]] = {
    "exp1": {"seed": 123, "batch_size": 64, "hidden_dim": 200, "latent_dim": 20, "lr": 1e-3, "n_epochs": 5},
    "exp2": {"seed": 456, "batch_size": 32, "hidden_dim": 100, "latent_dim": 10, "lr": 5e-3, "n_epochs": 8},
}
SETTINGS: dict[str, float] = {"batch_size": 100, "hidden_dim": 37, "latent_dim": 5, "lr": 4e-3, "n_epochs": 4}


@probe
def read_weights(path: str) -> dict[str, Any] | None:
    """The weights in a state dict; None where the file holds something else."""
    import pickle

    import torch

    try:
        state = torch.load(path, weights_only=True)
    except pickle.UnpicklingError:
        return None
    if not hasattr(state, "items") or not all(isinstance(value, torch.Tensor) for value in state.values()):
        return None
    return dict(state)


@dataclass(frozen=True)
class Run:
    """One run of vae_mnist.py: the files in its folder, and its weights where they lie in a state dict."""

    files: dict[str, bytes]
    state: dict[str, torch.Tensor] | None

    @property
    def weights(self) -> dict[str, torch.Tensor]:
        """Skips a check that another one speaks for: test_sizes_reach_the_network."""
        if self.state is None:
            pytest.skip("not reached: trained_model.pt is no state dict")
        return self.state

    def losses(self) -> list[tuple[int, float]]:
        """Return epoch and loss of each line of the log that has both."""
        number = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|\bnan\b|\binf\b"
        log = self.files["vae_mnist.log"].decode()
        lines = re.findall(rf"epoch\W*(\d+).*?loss.*?({number})", log, re.IGNORECASE)
        return [(int(epoch), float(loss)) for epoch, loss in lines]


def call(student: Student, *arguments: str) -> str:
    """Run vae_mnist.py, which must succeed, and return what it printed."""
    student.write("fresh_start.py", FRESH_START)
    run = student.cli("fresh_start.py", "vae_mnist.py", *arguments, timeout=30)
    command = f"python vae_mnist.py {' '.join(arguments)}"
    assert run.exit_code == 0, f"`{command}` ended with status {run.exit_code}: {run.last_words}"
    return run.stdout


def collect(student: Student, folder: str) -> Run:
    files = {name.removeprefix(f"{folder}/"): student.read(name) for name in student.files(f"{folder}/**")}
    assert "trained_model.pt" in files, f"there is no trained_model.pt in the folder of the run, {folder}"
    return Run(files, student.run(read_weights, f"{folder}/trained_model.pt"))


def train(student: Student, name: str, **settings: float) -> Run:
    """Train with all settings on the command line, whether the files have them or not, in a folder of that name."""
    overrides = [f"++experiment.{setting}={value}" for setting, value in (SETTINGS | settings).items()]
    call(student, f"hydra.run.dir=runs/{name}", *overrides)
    return collect(student, f"runs/{name}")


def same(first: Run, second: Run) -> bool:
    return first.weights.keys() == second.weights.keys() and all(
        torch.equal(first.weights[name], second.weights[name]) for name in first.weights
    )


def loss_per_image(weights: dict[str, torch.Tensor]) -> float:
    """Return the loss of vae_mnist_plain.py for one image of the training set, on average, with these weights."""
    x = digit_tensors("train")[0].flatten(1)
    hidden = torch.relu(x @ weights["encoder.hidden.weight"].T + weights["encoder.hidden.bias"])
    mean = hidden @ weights["encoder.mean.weight"].T + weights["encoder.mean.bias"]
    log_var = hidden @ weights["encoder.log_var.weight"].T + weights["encoder.log_var.bias"]
    z = mean + (0.5 * log_var).exp() * torch.randn_like(mean)
    hidden = torch.relu(z @ weights["decoder.hidden.weight"].T + weights["decoder.hidden.bias"])
    logits = hidden @ weights["decoder.output.weight"].T + weights["decoder.output.bias"]
    reproduction = torch.nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="sum")
    divergence = -0.5 * (1 + log_var - mean**2 - log_var.exp()).sum()
    return ((reproduction + divergence) / len(x)).item()


@pytest.fixture(scope="module")
def run_seed(shared_seed: int) -> int:
    return shared_seed % 1000


@pytest.fixture(scope="module")
def run(shared_student: Student, run_seed: int) -> Run:
    return train(shared_student, "first", seed=run_seed)


@pytest.fixture(scope="module")
def standstill(shared_student: Student, run_seed: int) -> Run:
    # 700, 700 and 100 images: whoever counts batches instead of images is far off.
    return train(shared_student, "standstill", seed=run_seed, lr=0.0, n_epochs=3, batch_size=700)


@pytest.fixture(scope="module")
def leap(shared_student: Student, run_seed: int) -> Run:
    """One epoch of 1499 images, a long step, and one image whose loss is another one by then."""
    return train(shared_student, "leap", seed=run_seed, lr=0.05, n_epochs=1, batch_size=1499)


@hint("The defaults list of default_config.yaml chooses a file from the folder `experiment`. Later entries win.")
@pytest.mark.parametrize("name", ["exp1", "exp2"])
def test_experiments_are_composed(student: Student, name: str) -> None:
    """Without overrides the settings are those of exp1; experiment=exp2 replaces all of them"""
    choice = [] if name == "exp1" else ["experiment=exp2"]
    composed = read_yaml(call(student, "--cfg", "job", *choice))
    section = composed.get("experiment") if isinstance(composed, dict) else None
    assert isinstance(section, dict), "the composed configuration has no section `experiment`"
    assert {setting: section.get(setting) for setting in EXPERIMENTS[name]} == EXPERIMENTS[name], (
        f"the settings in the section `experiment`, with {' '.join(choice) or 'no overrides'}"
    )


@hint("A size that stands in the program cannot be overridden.")
def test_sizes_reach_the_network(run: Run) -> None:
    """experiment.hidden_dim and experiment.latent_dim decide the shapes of the weights"""
    with hint("A state dict is what model.state_dict() gives; torch.save(model, ...) keeps the class as well."):
        assert run.state is not None, "trained_model.pt holds something else than the state dict of the Model"
    shapes = {name: tuple(value.shape) for name, value in run.weights.items() if name.endswith("weight")}
    assert shapes == {
        "encoder.hidden.weight": (37, 784),
        "encoder.mean.weight": (5, 37),
        "encoder.log_var.weight": (5, 37),
        "decoder.hidden.weight": (37, 5),
        "decoder.output.weight": (784, 37),
    }, "the shapes in trained_model.pt, with hidden_dim=37 and latent_dim=5"


@hint("Seed before anything is drawn at random: the first weights, the order of the images, the noise.")
def test_same_seed_same_weights(shared_student: Student, run: Run, run_seed: int) -> None:
    """Two runs with the same settings end with exactly the same weights"""
    assert same(run, train(shared_student, "again", seed=run_seed)), "the weights of two equal runs differ"


@hint("A seed in the configuration does nothing by itself.")
def test_other_seed_other_weights(shared_student: Student, run: Run, run_seed: int) -> None:
    """Another experiment.seed leads to other weights"""
    assert not same(run, train(shared_student, "seed", seed=run_seed + 1)), "experiment.seed makes no difference"


@hint("What an optimiser is not told it takes from its own defaults.")
def test_learning_rate_reaches_the_optimiser(shared_student: Student, standstill: Run, run_seed: int) -> None:
    """With experiment.lr=0 one epoch leaves the same weights as three"""
    once = train(shared_student, "once", seed=run_seed, lr=0.0, n_epochs=1)
    assert same(once, standstill), "the weights changed although experiment.lr is 0"


@hint("Compare your loop with that of vae_mnist_plain.py, line by line.")
def test_training_lowers_the_loss(run: Run, standstill: Run) -> None:
    """Four epochs of training bring the loss below three quarters of that of the first weights"""
    before, after = loss_per_image(standstill.weights), loss_per_image(run.weights)
    assert after < 0.75 * before, f"the loss per image fell from {before:.0f} to {after:.0f} only"


@hint("The loader takes its batch size from the configuration, too.")
def test_batch_size_reaches_the_loader(shared_student: Student, run: Run, run_seed: int) -> None:
    """Another experiment.batch_size leads to other weights"""
    assert not same(run, train(shared_student, "batches", seed=run_seed, batch_size=33)), (
        "experiment.batch_size makes no difference"
    )


@hint("Hydra sets up the module `logging` for you, file included; what is printed reaches the screen only.")
def test_log_has_every_epoch(run: Run, standstill: Run) -> None:
    """The log vae_mnist.log in the run's folder has one line per epoch: its number, from 1, and its mean loss"""
    for each, epochs in ((run, 4), (standstill, 3)):
        assert "vae_mnist.log" in each.files, "there is no vae_mnist.log in the folder of the run"
        numbers = [epoch for epoch, _ in each.losses()]
        with hint("range(n) begins with 0; the first epoch of the log is 1."):
            assert numbers != list(range(epochs)), "the epochs in vae_mnist.log are counted from 0"
        with hint("Other lines may be in the log, but one per epoch has the words Epoch and loss, as in the README."):
            assert numbers or not each.files["vae_mnist.log"].strip(), (
                "vae_mnist.log has no line such as `Epoch 3: loss 187.20`"
            )
        assert numbers == list(range(1, epochs + 1)), f"the epochs in vae_mnist.log, with n_epochs={epochs}"
        assert all(math.isfinite(loss) for _, loss in each.losses()), "a loss in the log is no finite number"
    losses = [loss for _, loss in run.losses()]
    with hint("Is the sum set back to 0 when an epoch begins? Does the optimiser take its steps?"):
        assert losses == sorted(losses, reverse=True), "the losses in the log do not fall from epoch to epoch"


@hint("A mean per image: the sum over all batches of the epoch, divided by the number of images.")
def test_logged_loss_is_the_mean_per_image(standstill: Run, leap: Run) -> None:
    """The loss in the log is the mean per image over the whole epoch"""
    assert standstill.losses() and leap.losses(), "the log has no line with an epoch and its loss"
    expected = loss_per_image(standstill.weights)
    for _, loss in standstill.losses():
        assert_close(loss, expected, "the loss of an epoch without learning, in batches of 700", rtol=0.005)
    with hint(
        "Batches differ in size: 1500 images are one batch of 1499 and one of a single image, which weighs little."
    ):
        [(_, loss), *_] = leap.losses()
        # Nearly all of the epoch is seen with the first weights, which are those of the run without learning. The last
        # image moves the mean by 0.3 % at most, and the mean of the two batches by 12 % at least (of 72 seeds).
        assert_close(loss, expected, "the loss of an epoch of one batch of 1499 images and one of 1", rtol=0.01)


@hint("Leave it to Hydra: it writes what it composed to a folder `.hydra` in that of the run.")
def test_configuration_is_kept_with_the_run(run: Run, run_seed: int) -> None:
    """.hydra/config.yaml in the run's folder holds the settings that were used"""
    assert ".hydra/config.yaml" in run.files, "there is no .hydra/config.yaml in the folder of the run"
    kept = read_yaml(run.files[".hydra/config.yaml"])["experiment"]
    expected = SETTINGS | {"seed": run_seed}
    assert {setting: kept.get(setting) for setting in expected} == expected, "the settings in .hydra/config.yaml"


@hint("Where does your program save to? Each run has a folder of its own, and Hydra knows it.")
def test_runs_of_a_sweep_do_not_overwrite_each_other(student: Student) -> None:
    """--multirun experiment=exp1,exp2 leaves the weights of each run in that run's folder"""
    call(student, "--multirun", "experiment=exp1,exp2", "++experiment.n_epochs=1", "hydra.sweep.dir=sweep")
    widths = [len(collect(student, f"sweep/{number}").weights["encoder.hidden.bias"]) for number in range(2)]
    assert widths == [EXPERIMENTS[name]["hidden_dim"] for name in ("exp1", "exp2")], (
        "the hidden_dim of the weights in the folders of the two runs, exp1 and exp2"
    )
