"""A trainer by its options, as a dict; what a GPU can do follows from its generation."""

import pathlib

import pytorch_lightning as pl
import torch
from pytorch_lightning import callbacks

AMPERE = 8


def choose_precision(device):
    if device != "cuda":
        return "32-true"
    generation, _ = torch.cuda.get_device_capability()
    return "16-mixed" if generation < AMPERE else "bf16-mixed"


def make_trainer(folder, device="cpu", max_epochs=10, patience=3, fraction=1.0):
    pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
    options = dict(max_epochs=max_epochs, logger=False, num_sanity_val_steps=0, enable_model_summary=False)
    options["limit_train_batches"] = 1.0 if fraction == 1 else fraction
    options |= {
        "accelerator": "gpu" if device == "cuda" else device,
        "devices": "1",
        "precision": choose_precision(device),
    }
    keep = callbacks.ModelCheckpoint(
        folder, "best", monitor="val_loss", mode="min", save_top_k=1, enable_version_counter=False
    )
    stop = callbacks.EarlyStopping("val_loss", min_delta=0.0, patience=patience, mode="min")
    return pl.Trainer(callbacks=[stop, keep], **options)
