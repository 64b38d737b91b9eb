"""A LightningModule whose steps take the batch alone, and whose metrics are added up over the epoch."""

import pytorch_lightning as pl
import torch
from torch import nn


class MyAwesomeModel(pl.LightningModule):
    def __init__(self, lr: float = 1e-3, dropout: float = 0.1) -> None:
        super().__init__()
        self.save_hyperparameters("lr", "dropout")
        self.lr = lr
        self.body = nn.Sequential(nn.Flatten(), nn.LazyLinear(64), nn.BatchNorm1d(64), nn.GELU(), nn.Dropout(dropout))
        self.head = nn.Linear(64, 10)
        self.body(torch.zeros(2, 1, 28, 28))  # gives the lazy layer its size

    def forward(self, images):
        return self.head(self.body(images))

    def training_step(self, batch):
        images, targets = batch
        loss = nn.CrossEntropyLoss()(self(images), targets)
        self.log_dict({"train_loss": loss}, prog_bar=True)
        self.log("epoch", float(self.trainer.current_epoch))
        return loss

    def on_validation_epoch_start(self):
        self.seen, self.loss, self.right = 0, 0.0, 0

    def validation_step(self, batch):
        images, targets = batch
        logits = self(images)
        self.seen += len(targets)
        self.loss += float(nn.functional.cross_entropy(logits, targets, reduction="sum"))
        self.right += int((logits.argmax(-1) == targets).sum())

    def on_validation_epoch_end(self):
        self.log("val_loss", self.loss / self.seen)
        self.log("val_accuracy", self.right / self.seen)

    def configure_optimizers(self):
        optimizer = torch.optim.AdamW(self.parameters(), lr=self.lr)
        schedule = torch.optim.lr_scheduler.StepLR(optimizer, step_size=100)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "epoch"}}
