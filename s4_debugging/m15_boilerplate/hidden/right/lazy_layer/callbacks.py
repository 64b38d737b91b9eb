import pytorch_lightning as pl


class LossHistory(pl.Callback):
    def __init__(self):
        super().__init__()
        self._of_epoch = {}

    @property
    def val_losses(self) -> list[float]:
        return [self._of_epoch[epoch] for epoch in sorted(self._of_epoch)]

    def on_validation_end(self, trainer, pl_module):
        if trainer.sanity_checking:
            return
        if trainer.state.fn == "fit":
            self._of_epoch[trainer.current_epoch] = float(trainer.callback_metrics["val_loss"])
