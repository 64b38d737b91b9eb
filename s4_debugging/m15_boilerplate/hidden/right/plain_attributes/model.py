import pytorch_lightning as pl
import torch
import torch.nn.functional as F
from torch import nn


class MyAwesomeModel(pl.LightningModule):
    """A perceptron; steps share one method, and sums are kept by hand."""

    def __init__(self, lr=1e-3, width=96):
        super().__init__()
        self.save_hyperparameters()
        self.lr = lr
        self.first = nn.Linear(28 * 28, width)
        self.norm = nn.BatchNorm1d(width)
        self.second = nn.Linear(width, 10)

    def forward(self, images):
        return self.second(torch.relu(self.norm(self.first(images.flatten(1)))))

    def _loss(self, batch):
        images, targets = batch
        logits = self.forward(images)
        return F.nll_loss(F.log_softmax(logits, -1), targets), logits

    def training_step(self, batch, batch_idx):
        loss, _ = self._loss(batch)
        self.log("train_loss", loss, on_epoch=True)
        return loss

    def on_validation_epoch_start(self):
        self.summed, self.right, self.seen = 0.0, 0, 0

    def validation_step(self, batch, batch_idx):
        loss, logits = self._loss(batch)
        self.seen += len(logits)
        self.summed += loss.item() * len(logits)
        self.right += int((logits.argmax(-1) == batch[1]).sum())

    def on_validation_epoch_end(self):
        self.log("val_loss", self.summed / self.seen)
        self.log("val_accuracy", self.right / self.seen)

    def configure_optimizers(self):
        optimizer = torch.optim.AdamW([{"params": self.first.parameters()}, {"params": self._others()}], lr=self.lr)
        scheduler = torch.optim.lr_scheduler.ConstantLR(optimizer, factor=1.0)
        return [optimizer], [scheduler]

    def _others(self):
        return [*self.norm.parameters(), *self.second.parameters()]
