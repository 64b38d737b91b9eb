from typing import List

import pytorch_lightning as pl


class LossHistory(pl.callbacks.Callback):
    val_losses: List[float]

    def __init__(self) -> None:
        self.val_losses = []
        self.armed = True

    def on_sanity_check_start(self, trainer, pl_module):
        self.armed = False

    def on_sanity_check_end(self, trainer, pl_module):
        self.armed = True

    def on_validation_end(self, trainer, pl_module):
        if self.armed:
            self.val_losses += [trainer.callback_metrics["val_loss"].cpu().item()]
