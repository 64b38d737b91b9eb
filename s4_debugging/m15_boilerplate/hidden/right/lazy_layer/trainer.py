"""A Trainer, set up."""

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import EarlyStopping, ModelCheckpoint


def choose_precision(device):
    match device:
        case "cpu":
            return "32-true"
        case "cuda":
            return ("16" if not torch.cuda.is_bf16_supported(including_emulation=False) else "bf16") + "-mixed"
    raise ValueError(device)


def make_trainer(folder, device="cpu", max_epochs=10, patience=3, fraction=1.0):
    on_val_loss = dict(monitor="val_loss", mode="min")
    settings = {
        "accelerator": {"cpu": "cpu", "cuda": "gpu"}[device],
        "devices": 1,
        "precision": choose_precision(device),
        "max_epochs": max_epochs,
        "limit_train_batches": float(fraction),
        "callbacks": [
            ModelCheckpoint(folder, "best", **on_val_loss, save_top_k=1, enable_version_counter=False),
            EarlyStopping(**on_val_loss, patience=patience, min_delta=0.0, verbose=False),
        ],
        "logger": False,
        "enable_progress_bar": False,
        "enable_model_summary": False,
        "log_every_n_steps": 1,
    }
    return pl.Trainer(**settings)
