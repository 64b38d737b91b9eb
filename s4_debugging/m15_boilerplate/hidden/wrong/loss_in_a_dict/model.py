"""A classifier of digits as a LightningModule."""

import pytorch_lightning as pl
import torch
from torch import nn


class MyAwesomeModel(pl.LightningModule):
    """Maps images [N, 1, 28, 28] to logits [N, 10], and knows how it is trained and validated."""

    def __init__(self, lr: float = 1e-3) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 16, kernel_size=5, stride=2),
            nn.ReLU(),
            nn.Conv2d(16, 32, kernel_size=3, stride=2),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(800, 10),
        )

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Map images, float32 [N, 1, 28, 28], to logits, float32 [N, 10]."""
        return self.layers(images)

    def training_step(self, batch: tuple[torch.Tensor, torch.Tensor], batch_idx: int) -> torch.Tensor:
        """Return the cross-entropy of the batch (images, targets), and log it as `train_loss`."""
        images, targets = batch
        loss = nn.functional.cross_entropy(self(images), targets)
        self.log("train_loss", loss)
        return {"loss": loss}

    def validation_step(self, batch: tuple[torch.Tensor, torch.Tensor], batch_idx: int) -> None:
        """Log `val_loss`, the mean cross-entropy, and `val_accuracy`, the share of right answers, of all images."""
        images, targets = batch
        logits = self(images)
        self.log("val_loss", nn.functional.cross_entropy(logits, targets))
        self.log("val_accuracy", (logits.argmax(dim=1) == targets).float().mean())

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Return an optimiser of all parameters, with the learning rate that the model was made with."""
        return torch.optim.Adam(self.parameters(), lr=self.hparams.lr)
