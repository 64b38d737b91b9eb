"""A callback of one's own."""

import pytorch_lightning as pl


class LossHistory(pl.Callback):
    """Remembers the validation loss of every epoch, as plain floats, in `val_losses`."""

    def __init__(self) -> None:
        self.val_losses: list[float] = []

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self.val_losses.append(trainer.callback_metrics["val_loss"].item())
