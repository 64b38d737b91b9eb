"""Hidden suite of m15: a LightningModule, a callback and a Trainer, run by the real Lightning."""

from typing import Any

import pytest
import torch

from mlops_course.digits import digit_tensors
from mlops_grade.suite import Student, assert_close, hint, probe

QUIET = {"logger": False, "enable_checkpointing": False, "enable_progress_bar": False, "enable_model_summary": False}
"""Options of the trainers that are ours: they leave nothing behind and print nothing."""

# --------------------------------------------------------------------------------------------------------- model.py


@hint("One score per class, as the last linear layer gives it.")
def test_model_maps_images_to_logits(student: Student) -> None:
    """MyAwesomeModel maps images [N, 1, 28, 28] to logits [N, 10]"""
    logits = student.load("model").MyAwesomeModel()(torch.rand(7, 1, 28, 28))
    assert tuple(logits.shape) == (7, 10), "the shape of the logits of 7 images"
    assert not torch.allclose(logits.sum(1), torch.ones(7), atol=1e-4), "the rows sum to 1: these are probabilities"
    assert not torch.allclose(logits.logsumexp(1), torch.zeros(7), atol=1e-4), "these are logarithms of probabilities"


@probe
def one_training_step(images: Any, targets: Any, quiet: dict[str, bool]) -> dict[str, Any]:
    """What training_step gives to Lightning, which calls it, and at which parameters a gradient arrives."""
    import functools
    import logging
    import warnings

    import pytorch_lightning as pl
    import torch
    from model import MyAwesomeModel

    logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", module="pytorch_lightning")
    model, seen = MyAwesomeModel(), {"without gradient": []}
    step = model.training_step

    @functools.wraps(step)
    def watched(*arguments, **named):
        model.eval()  # dropout would make the loss another one than that of the logits
        loss = step(*arguments, **named)
        tensor = isinstance(loss, torch.Tensor)
        seen["type"] = type(loss).__name__
        seen["loss"] = loss.detach().clone() if tensor else None
        seen["graph"] = tensor and loss.requires_grad
        with torch.no_grad():
            seen["logits"] = model(images)
        return loss if seen["graph"] else None

    class Look(pl.Callback):
        def on_after_backward(self, trainer, module):
            learns = [(name, value) for name, value in module.named_parameters() if value.requires_grad]
            seen["without gradient"] = [name for name, value in learns if value.grad is None]

    model.training_step = watched
    data = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(images, targets), batch_size=len(images))
    trainer = pl.Trainer(max_steps=1, accelerator="cpu", callbacks=[Look()], limit_val_batches=0, **quiet)
    trainer.fit(model, data)
    return seen


@hint("Lightning calls `backward` on what training_step returns: a number has no gradient.")
def test_training_step_returns_a_loss_with_its_graph(student: Student) -> None:
    """training_step returns the cross-entropy of the batch, ready for backward"""
    targets = torch.randint(10, (6,))
    student.patience = 30
    seen = student.run(one_training_step, torch.rand(6, 1, 28, 28), targets, QUIET)
    assert "type" in seen, "Lightning never called training_step"
    assert seen["type"] == "Tensor", f"training_step returned a {seen['type']}, where a tensor is asked for: the loss"
    assert seen["graph"] is True, "what training_step returned has no graph to go back through"
    assert not seen["without gradient"], f"no gradient arrives at {seen['without gradient']}"
    assert_close(seen["loss"], torch.nn.functional.cross_entropy(seen["logits"], targets), "the loss of six images")


@probe
def fit(images: Any, targets: Any, lr: float, quiet: dict[str, bool]) -> dict[str, Any]:
    import logging
    import warnings

    import pytorch_lightning as pl
    import torch
    from model import MyAwesomeModel

    # What Lightning says by itself, of this run of ours above all, would hide what the student prints.
    logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", module="pytorch_lightning")

    class Look(pl.Callback):
        def on_train_start(self, trainer, module):
            groups = [group for optimizer in trainer.optimizers for group in optimizer.param_groups]
            held = {id(value) for group in groups for value in group["params"]}
            self.rates = [group["lr"] for group in groups]
            self.left_out = [name for name, value in module.named_parameters() if id(value) not in held]

    def fit_one_epoch(model):
        look = Look()
        trainer = pl.Trainer(max_epochs=1, accelerator="cpu", callbacks=[look], **quiet)
        trainer.fit(model, data, data)
        return trainer, look

    data = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(images, targets), batch_size=8)
    model = MyAwesomeModel(lr=lr)
    trainer, look = fit_one_epoch(model)
    trainer.save_checkpoint("fitted.ckpt")
    restored = MyAwesomeModel.load_from_checkpoint("fitted.ckpt", map_location="cpu")
    with torch.no_grad():
        logits = [each.eval()(images) for each in (model, restored)]
    _, later = fit_one_epoch(restored.train())
    metrics = {name: float(value) for name, value in trainer.callback_metrics.items()}
    return {"rates": look.rates, "left out": look.left_out, "metrics": metrics, "logits": logits, "later": later.rates}


@pytest.fixture(scope="module")
def fitted(shared_student: Student) -> dict[str, Any]:
    """One epoch over 21 images with a learning rate of ours, saved, restored, and one epoch more."""
    shared_student.patience = 40
    images, targets = digit_tensors("test")
    seen: dict[str, Any] = shared_student.run(fit, images[:21], targets[:21], 0.0123, QUIET)
    return seen


@hint("Which parameters, and which learning rate, does configure_optimizers hand to the optimiser?")
def test_optimiser_has_all_parameters_and_the_learning_rate(fitted: dict[str, Any]) -> None:
    """configure_optimizers trains all parameters with the model's learning rate"""
    assert not fitted["left out"], f"the optimiser does not have {fitted['left out']}"
    assert set(fitted["rates"]) == {0.0123}, "the optimiser's learning rate, for MyAwesomeModel(lr=0.0123)"


@hint("`self.log` takes a name and a value; the names are in the task.")
def test_metrics_are_logged(fitted: dict[str, Any]) -> None:
    """train_loss, val_loss and val_accuracy are logged"""
    missing = sorted({"train_loss", "val_loss", "val_accuracy"} - fitted["metrics"].keys())
    assert not missing, f"the trainer's metrics are {sorted(fitted['metrics'])}, without {missing}"


@hint("A checkpoint can only give back the arguments of `__init__` that the module has saved.")
def test_checkpoint_restores_weights_and_hyperparameters(fitted: dict[str, Any]) -> None:
    """load_from_checkpoint gives back the weights, and the learning rate too"""
    assert_close(fitted["logits"][1], fitted["logits"][0], "the logits of the restored model")
    assert set(fitted["later"]) == {0.0123}, "the optimiser's learning rate, restored from MyAwesomeModel(lr=0.0123)"


@probe
def validate(images: Any, targets: Any, batch_size: int, quiet: dict[str, bool]) -> dict[str, Any]:
    import logging
    import warnings

    import pytorch_lightning as pl
    import torch
    from model import MyAwesomeModel

    logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", module="pytorch_lightning")
    model = MyAwesomeModel()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    data = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(images, targets), batch_size=batch_size)
    trainer = pl.Trainer(accelerator="cpu", inference_mode=False, **quiet)
    trainer.validate(model, data, verbose=False)
    after = {name: value.clone() for name, value in model.state_dict().items()}
    metrics = {name: float(value) for name, value in trainer.callback_metrics.items()}
    with torch.no_grad():
        logits = model.eval()(images)
    return {"before": before, "after": after, "metrics": metrics, "logits": logits}


@hint("Validation looks on. What does your validation_step share with training_step that it should not?")
def test_validation_changes_nothing(student: Student) -> None:
    """Validation leaves weights and buffers as they were"""
    images, targets = digit_tensors("test")
    student.patience = 30
    seen = student.run(validate, images[:21], targets[:21], 8, QUIET)
    changed = [name for name, value in seen["before"].items() if not torch.equal(value, seen["after"][name])]
    assert not changed, f"validation changed {changed}"


@hint("The last batch is smaller. Lightning weighs batches by their size, if you let it.")
def test_validation_averages_over_images(student: Student) -> None:
    """val_loss and val_accuracy are means over all images, with a last batch of another size too"""
    images, targets = digit_tensors("test")
    student.patience = 30
    seen = student.run(validate, images[:21], targets[:21], 20, QUIET)
    expected = torch.nn.functional.cross_entropy(seen["logits"], targets[:21])
    assert_close(seen["metrics"].get("val_loss"), expected, "val_loss over batches of 20 and 1")
    accuracy = (seen["logits"].argmax(1) == targets[:21]).double().mean()
    assert_close(seen["metrics"].get("val_accuracy"), accuracy, "val_accuracy over batches of 20 and 1")


@probe
def learn(images: Any, targets: Any, unseen: Any, quiet: dict[str, bool]) -> Any:
    import logging
    import warnings

    import pytorch_lightning as pl
    import torch
    from model import MyAwesomeModel

    logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", module="pytorch_lightning")
    model = MyAwesomeModel()
    dataset = torch.utils.data.TensorDataset(images, targets)
    data = torch.utils.data.DataLoader(dataset, batch_size=30, shuffle=True)
    pl.Trainer(max_epochs=6, accelerator="cpu", **quiet).fit(model, data)
    with torch.no_grad():
        return model.cpu().eval()(unseen)


@hint("Does the loss fall? Adam suits the default learning rate.")
def test_model_learns(student: Student) -> None:
    """Six epochs over 900 digits at the default learning rate get at least half of 297 others right"""
    images, targets = digit_tensors("train")
    unseen, labels = digit_tensors("test")
    student.patience = 60
    logits = student.run(learn, images[:900], targets[:900], unseen, QUIET)
    assert tuple(logits.shape) == (297, 10), "the shape of the logits of 297 images"
    accuracy = (logits.argmax(1) == labels).double().mean().item()
    assert accuracy >= 0.5, f"only {accuracy:.0%} of 297 digits that were not trained on were recognised"


# --------------------------------------------------------------------------------------- callbacks.py and trainer.py


@probe
def fit_scripted(losses: list[float], batches: int, sanity: bool, **options: Any) -> dict[str, Any]:
    import logging
    import pathlib
    import warnings

    import pytorch_lightning as pl
    import torch
    from callbacks import LossHistory
    from trainer import make_trainer

    logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", module="pytorch_lightning")

    class Scripted(pl.LightningModule):
        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.zeros(3))
            self.steps = []

        def on_train_epoch_start(self):
            self.steps.append(0)

        def training_step(self, batch, index):
            self.steps[-1] += 1
            self.log("train_loss", -float(self.current_epoch))
            return self.weight.sum() * 0

        def on_validation_epoch_start(self):
            self.weight.data.fill_(self.current_epoch)

        def validation_step(self, batch, index):
            self.log("val_loss", losses[self.current_epoch] if not self.trainer.sanity_checking else -99.0)

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), lr=0.0)

    def loader(count):
        return torch.utils.data.DataLoader(torch.zeros(count, 3), batch_size=1)

    module, history = Scripted(), LossHistory()
    if sanity:
        trainer = pl.Trainer(max_epochs=len(losses), accelerator="cpu", callbacks=[history], **options)
        trainer.fit(module, loader(1), loader(3))
        return {"history": history.val_losses, "types": [type(loss).__name__ for loss in history.val_losses]}
    trainer = make_trainer(**options)
    tables = (pl.callbacks.ProgressBar, pl.callbacks.ModelSummary)  # they would hide what the student prints
    trainer.callbacks = [each for each in trainer.callbacks if not isinstance(each, tables)]
    trainer.fit(module, loader(batches), loader(1))
    best = pathlib.Path(options["folder"], "best.ckpt")
    seen = {"steps": module.steps, "precision": trainer.precision, "device": trainer.strategy.root_device.type}
    if best.exists():
        seen["best"] = torch.load(best, weights_only=False, map_location="cpu")["state_dict"]["weight"].tolist()
    return seen


@hint("The trainer knows when it is only checking that validation works: look for it among its attributes.")
def test_history_has_every_epoch_and_no_sanity_check(student: Student, rng: Any) -> None:
    """LossHistory remembers the val_loss of each epoch as a float, without the check before training"""
    student.patience = 30
    losses = [float(loss) for loss in rng.uniform(1, 9, size=4).astype("float32")]
    seen = student.run(fit_scripted, losses, 1, True, **QUIET)
    assert_close(seen["history"], losses, "val_losses over four epochs")
    assert seen["types"] == ["float"] * 4, "the types of the values in val_losses"


SCRIPT = [5.0, 4.0, 6.0, 3.0, 3.5, 3.2, 7.0, 3.1, 1.0, 0.5, 0.4]


@pytest.fixture(scope="module")
def stopped(shared_student: Student) -> dict[str, Any]:
    """A run of make_trainer whose validation losses are scripted: smallest after four epochs, then above for four."""
    shared_student.patience = 40
    options = {"folder": "new/folder", "max_epochs": 11, "patience": 4}
    seen: dict[str, Any] = shared_student.run(fit_scripted, SCRIPT, 2, False, **options)
    return seen


@hint("Early stopping watches one metric, and has a patience. Which metric is it?")
def test_training_stops_early(stopped: dict[str, Any]) -> None:
    """Training ends when val_loss has not fallen for `patience` epochs, and not before"""
    epochs = len(stopped["steps"])
    assert epochs == 8, f"val_loss was {SCRIPT[:epochs]}: with patience 4 that is 8 epochs, not {epochs}"


@hint("A checkpoint is kept for the best value of a metric; best may mean smallest or largest.")
def test_best_checkpoint_is_kept(stopped: dict[str, Any]) -> None:
    """best.ckpt in the folder holds the weights of the epoch with the smallest val_loss"""
    assert "best" in stopped, "there is no best.ckpt in the folder after training"
    best = int(stopped["best"][0])  # the weights are filled with the number of their epoch
    assert best == 3, f"val_loss was {SCRIPT[:8]}: the best is epoch 3, counted from 0, and epoch {best} was kept"


@hint("The arguments are there to be handed on.")
def test_training_ends_at_max_epochs(student: Student) -> None:
    """A loss that always falls is trained on for max_epochs epochs"""
    student.patience = 30
    losses = [1 / (1 + epoch) for epoch in range(12)]
    seen = student.run(fit_scripted, losses, 2, False, folder="a", max_epochs=6, patience=2)
    epochs = len(seen["steps"])
    assert epochs == 6, f"with max_epochs=6 training ended after {epochs} epochs"


@hint("Compare with the signature in the skeleton.")
@pytest.mark.parametrize(
    ("losses", "epochs"),
    [([1 / (1 + epoch) for epoch in range(13)], 10), ([1.0] + [2.0] * 12, 4)],
    ids=["a falling loss", "a rising loss"],
)
def test_defaults(student: Student, losses: list[float], epochs: int) -> None:
    """By default training ends after ten epochs, or three without a smaller val_loss, and uses all batches"""
    student.patience = 30
    seen = student.run(fit_scripted, losses, 3, False, folder="a")
    assert seen["steps"] == [3] * epochs, "the number of batches in each epoch; there are three"


@hint("To Lightning 1.0 is all batches, and 1 is one batch.")
@pytest.mark.parametrize(("fraction", "batches"), [(0.25, 6), (1.0, 24), (1, 24)], ids=["a quarter", "1.0", "1"])
def test_fraction_of_the_training_batches(student: Student, fraction: float, batches: int) -> None:
    """An epoch uses the fraction of the training batches that was asked for; 1 is all of them"""
    student.patience = 30
    seen = student.run(fit_scripted, [1.0, 2.0], 24, False, folder="a", max_epochs=1, fraction=fraction)
    assert seen["steps"] == [batches], f"the number of batches in each epoch, of 24 and with fraction={fraction}"


@probe
def precision_on(device: str, capability: tuple[int, int]) -> str:
    import types

    import torch
    from trainer import choose_precision

    native = capability >= (8, 0)
    properties = types.SimpleNamespace(major=capability[0], minor=capability[1], name="a GPU", total_memory=2**34)
    torch.cuda.is_available = lambda: True
    torch.cuda.device_count = lambda: 1
    torch.cuda.current_device = lambda: 0
    # PyTorch emulates bfloat16 on GPUs that lack it, and says so unless it is asked about the hardware.
    torch.cuda.is_bf16_supported = lambda including_emulation=True: native or including_emulation
    torch.cuda.get_device_capability = lambda *_, **__: capability
    torch.cuda.get_device_properties = lambda *_, **__: properties
    return choose_precision(device)


@hint("Ask PyTorch what the GPU can do. On a CPU, half precision is slow rather than fast.")
@pytest.mark.parametrize(
    ("on", "capability", "expected"),
    [("cpu", (9, 0), "32-true"), ("cuda", (9, 0), "bf16-mixed"), ("cuda", (7, 5), "16-mixed")],
    ids=["cpu", "new GPU", "old GPU"],
)
def test_precision_suits_the_device(student: Student, on: str, capability: tuple[int, int], expected: str) -> None:
    """choose_precision: 32-true on a CPU, bf16-mixed on a GPU that has bfloat16, else 16-mixed"""
    got = student.run(precision_on, on, capability)
    with hint("torch.cuda.is_bf16_supported counts emulation as support, unless it is told otherwise."):
        emulated = capability < (8, 0) and got == "bf16-mixed"
        assert not emulated, f"choose_precision chose {got!r} for a GPU that can only emulate bfloat16"
    assert got == expected, f"what choose_precision({on!r}) gives"


@hint("A trainer is told its accelerator and its precision when it is made.")
def test_trainer_uses_device_and_precision(student: Student, device: str) -> None:
    """make_trainer trains on the device that it is given, in the precision chosen for it"""
    student.patience = 60
    seen = student.run(fit_scripted, [1.0], 1, False, folder="a", device=device, max_epochs=1)
    assert seen["device"] == device, f"with device={device!r} the trainer trains on {seen['device']!r}"
    if device == "cpu":
        assert seen["precision"] == "32-true", "the trainer's precision on the CPU"
    else:
        native = torch.cuda.is_bf16_supported(including_emulation=False)
        expected = "bf16-mixed" if native else "16-mixed"
        assert seen["precision"] == expected, "the trainer's precision on this GPU"
