from pytorch_lightning import Callback


class LossHistory(Callback):
    """Clears what the check before training left behind."""

    def __init__(self):
        self.val_losses = []

    def on_sanity_check_end(self, trainer, pl_module):
        self.val_losses.clear()

    def on_validation_epoch_end(self, trainer, pl_module):
        self.val_losses += [float(trainer.callback_metrics["val_loss"])]
