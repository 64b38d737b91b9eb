"""Collected when an epoch of validation ends; the trainer's state tells what kind of epoch it was."""

import pytorch_lightning as pl
from pytorch_lightning.trainer.states import RunningStage


class LossHistory(pl.callbacks.Callback):
    def __init__(self):
        self.losses = {}

    @property
    def val_losses(self):
        return [self.losses[epoch] for epoch in sorted(self.losses)]

    def on_validation_epoch_end(self, trainer, pl_module):
        if trainer.state.stage is RunningStage.VALIDATING:
            self.losses[trainer.current_epoch] = float(trainer.logged_metrics.get("val_loss", float("nan")))

    def on_validation_end(self, trainer, pl_module):
        if trainer.state.stage is RunningStage.VALIDATING:
            self.losses[trainer.current_epoch] = float(trainer.callback_metrics["val_loss"])
