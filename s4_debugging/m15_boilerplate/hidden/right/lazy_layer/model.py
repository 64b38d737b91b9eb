"""A small convolutional network, trained by Lightning."""

import pytorch_lightning as pl
import torch
import torchmetrics
from torch import nn


class MyAwesomeModel(pl.LightningModule):
    def __init__(self, lr: float = 1e-3, channels: int = 16) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.body = nn.Sequential(
            nn.Conv2d(1, channels, 5, stride=2, padding=2),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.MaxPool2d(2),
        )
        self.head = nn.Sequential(nn.Flatten(), nn.Dropout(0.1), nn.LazyLinear(10))
        self.head(self.body(torch.zeros(2, 1, 28, 28)))  # the lazy layer gets its size
        self.body[1].reset_running_stats()
        self.criterion = nn.CrossEntropyLoss()
        self.loss_of_all = torchmetrics.MeanMetric()
        self.accuracy_of_all = torchmetrics.MeanMetric()

    def forward(self, images):
        return self.head(self.body(images))

    def training_step(self, batch, batch_idx):
        images, targets = batch
        loss = self.criterion(self(images), targets)
        self.log_dict({"train_loss": loss}, prog_bar=True)
        return {"loss": loss}["loss"]

    def validation_step(self, batch, batch_idx):
        images, targets = batch
        logits = self(images)
        self.loss_of_all.update(self.criterion(logits, targets), weight=len(targets))
        self.accuracy_of_all.update((logits.argmax(dim=-1) == targets).float())
        self.log("val_loss", self.loss_of_all, on_step=False, on_epoch=True)
        self.log("val_accuracy", self.accuracy_of_all, on_step=False, on_epoch=True)

    def configure_optimizers(self):
        optimizer = torch.optim.AdamW(self.parameters(), self.hparams.lr, weight_decay=0.0)
        scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.98)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "epoch"}}
