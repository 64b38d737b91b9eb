"""A classifier of digits as a LightningModule."""

import pytorch_lightning as pl
import torch


class MyAwesomeModel(pl.LightningModule):
    """Maps images [N, 1, 28, 28] to logits [N, 10], and knows how it is trained and validated."""

    def __init__(self, lr: float = 1e-3) -> None:
        super().__init__()
        raise NotImplementedError("TODO: keep the hyperparameters and make the layers")

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Map images, float32 [N, 1, 28, 28], to logits, float32 [N, 10]."""
        raise NotImplementedError("TODO: compute the logits")

    def training_step(self, batch: tuple[torch.Tensor, torch.Tensor], batch_idx: int) -> torch.Tensor:
        """Return the cross-entropy of the batch (images, targets), and log it as `train_loss`."""
        raise NotImplementedError("TODO: compute the loss")

    def validation_step(self, batch: tuple[torch.Tensor, torch.Tensor], batch_idx: int) -> None:
        """Log `val_loss`, the mean cross-entropy, and `val_accuracy`, the share of right answers, of all images."""
        raise NotImplementedError("TODO: log loss and accuracy")

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Return an optimiser of all parameters, with the learning rate that the model was made with."""
        raise NotImplementedError("TODO: make an optimiser")
