"""A Trainer, set up."""

from pathlib import Path

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import EarlyStopping, ModelCheckpoint
from pytorch_lightning.loggers import CSVLogger


def choose_precision(device: str) -> str:
    """Return Lightning's name of the precision to train in."""
    if device == "cpu":
        return "32-true"
    return "bf16-mixed" if torch.cuda.is_bf16_supported(including_emulation=False) else "16-mixed"


def make_trainer(
    folder: str | Path, device: str = "cpu", max_epochs: int = 10, patience: int = 3, fraction: float = 1.0
) -> pl.Trainer:
    """Return a Trainer that stops early and keeps the best weights (`best.ckpt`), both by `val_loss`."""
    return pl.Trainer(
        accelerator=device,
        devices=1,
        precision=choose_precision(device),
        max_epochs=max_epochs,
        limit_train_batches=float(fraction),
        logger=CSVLogger(folder),
        callbacks=[
            ModelCheckpoint(dirpath=folder, filename="best"),
            EarlyStopping(monitor="val_loss", patience=patience),
        ],
    )
