"""A Trainer, set up."""

from pathlib import Path

import pytorch_lightning as pl


def choose_precision(device: str) -> str:
    """Return Lightning's name of the precision to train in.

    "32-true" on "cpu". On "cuda" it is "bf16-mixed" if the GPU itself has bfloat16 (emulated is not enough), else
    "16-mixed".
    """
    raise NotImplementedError("TODO: choose the precision")


def make_trainer(
    folder: str | Path, device: str = "cpu", max_epochs: int = 10, patience: int = 3, fraction: float = 1.0
) -> pl.Trainer:
    """Return a Trainer that stops early and keeps the best weights.

    Args:
        folder: gets `best.ckpt`, the checkpoint of the epoch with the smallest `val_loss`.
        device: "cpu" or "cuda", where it trains, on one device, in the precision that suits it.
        max_epochs: epochs at most.
        patience: training ends when `val_loss` has not become smaller for this many epochs in a row.
        fraction: the share of the training batches that an epoch uses; 1 means all of them.
    """
    raise NotImplementedError("TODO: make the trainer")
