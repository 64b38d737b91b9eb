import math
import os
from datetime import timedelta

import pytorch_lightning as pl
import torch


def choose_precision(device: str) -> str:
    if torch.device(device).type == "cpu":
        return "32-true"
    return "bf16-mixed" if torch.cuda.is_bf16_supported(including_emulation=False) else "16-mixed"


class KeepBest(pl.callbacks.ModelCheckpoint):
    """Lightning's own, under the one name."""

    def __init__(self, folder):
        super().__init__(dirpath=os.fspath(folder), filename="best", enable_version_counter=False, monitor="val_loss")


class Patience(pl.callbacks.EarlyStopping):
    pass


def make_trainer(folder, device="cpu", max_epochs=10, patience=3, fraction=1.0) -> pl.Trainer:
    return pl.Trainer(
        max_epochs=max_epochs,
        max_time=timedelta(days=30),
        limit_train_batches=1.0 if math.isclose(fraction, 1) else fraction,
        accelerator="cuda" if device == "cuda" else "cpu",
        devices=[0] if device == "cuda" else 1,
        precision=choose_precision(device),
        callbacks=[Patience("val_loss", patience=patience, min_delta=0), KeepBest(folder)],
        default_root_dir=folder,
        num_sanity_val_steps=1,
        deterministic="warn",
    )
