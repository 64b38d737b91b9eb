"""Metrics by torchmetrics, layers found by their names."""

from collections import OrderedDict

import pytorch_lightning as pl
import torch
import torchmetrics
from torch import nn


class MyAwesomeModel(pl.LightningModule):
    def __init__(self, lr: float = 1e-3) -> None:
        super().__init__()
        self.save_hyperparameters("lr")
        self.example_input_array = torch.zeros(1, 1, 28, 28)
        blocks = [
            ("small", nn.AvgPool2d(2)),
            ("first", nn.Conv2d(1, 24, 3)),
            ("relu", nn.GELU()),
            ("flat", nn.Flatten()),
            ("scores", nn.Linear(24 * 12 * 12, 10)),
        ]
        self.network = nn.Sequential(OrderedDict(blocks))
        self.criterion = nn.CrossEntropyLoss()
        self.accuracy = torchmetrics.Accuracy(task="multiclass", num_classes=10)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.network(images)

    def training_step(self, batch, batch_idx):
        images, targets = batch
        loss = self.criterion(self(images), targets)
        self.log_dict({"train_loss": loss.detach()}, prog_bar=True)
        return loss

    def validation_step(self, batch, batch_idx):
        images, targets = batch
        logits = self(images)
        self.accuracy(logits, targets)
        self.log("val_loss", self.criterion(logits, targets), on_epoch=True, batch_size=len(images))
        self.log("val_accuracy", self.accuracy, on_epoch=True)

    def configure_optimizers(self):
        return {"optimizer": torch.optim.Adam(self.parameters(), lr=self.hparams["lr"])}
