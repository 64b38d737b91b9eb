from pathlib import Path

import torch
from pytorch_lightning import Trainer
from pytorch_lightning.callbacks import Callback, ModelCheckpoint


def choose_precision(device: str) -> str:
    match device.split(":")[0]:
        case "cuda" if torch.cuda.is_bf16_supported(including_emulation=False):
            return "bf16-mixed"
        case "cuda":
            return "16-mixed"
        case _:
            return "32-true"


class Patience(Callback):
    """Early stopping by hand."""

    def __init__(self, epochs: int) -> None:
        self.epochs, self.best, self.waited = epochs, float("inf"), 0

    def on_validation_end(self, trainer, pl_module) -> None:
        if trainer.sanity_checking:
            return
        loss = float(trainer.callback_metrics["val_loss"])
        self.best, self.waited = (loss, 0) if loss < self.best else (self.best, self.waited + 1)
        trainer.should_stop = trainer.should_stop or self.waited >= self.epochs


def make_trainer(folder, device="cpu", max_epochs=10, patience=3, fraction=1.0):
    Path(folder).mkdir(parents=True, exist_ok=True)
    return Trainer(
        accelerator="gpu" if device == "cuda" else device,
        devices=1,
        default_root_dir=folder,
        precision=choose_precision(device),
        max_epochs=max_epochs,
        min_epochs=1,
        limit_train_batches=fraction * 1.0,
        enable_progress_bar=False,
        callbacks=[Patience(patience), ModelCheckpoint(folder, "best", monitor="val_loss")],
    )
