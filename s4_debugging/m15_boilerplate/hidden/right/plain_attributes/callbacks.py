import pytorch_lightning as pl


class LossHistory(pl.Callback):
    def __init__(self):
        super().__init__()
        self._epochs = {}

    @property
    def val_losses(self):
        return list(self._epochs.values())

    def on_train_epoch_end(self, trainer, pl_module):
        self._epochs[trainer.current_epoch] = float(trainer.logged_metrics["val_loss"])

    def on_validation_end(self, trainer, pl_module):
        pass
