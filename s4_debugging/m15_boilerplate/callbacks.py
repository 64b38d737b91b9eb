"""A callback of one's own."""

import pytorch_lightning as pl


class LossHistory(pl.Callback):
    """Remembers the validation loss of every epoch, as plain floats, in `val_losses`.

    What the trainer validates before training, to see whether validation works at all, is no epoch and not in the list.
    """

    def __init__(self) -> None:
        self.val_losses: list[float] = []

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        raise NotImplementedError("TODO: remember the metric val_loss")
