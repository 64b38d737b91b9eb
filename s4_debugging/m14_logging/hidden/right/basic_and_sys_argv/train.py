"""A training as one class, with the tracker's own step counter, defined metrics and a summary."""

from argparse import ArgumentDefaultsHelpFormatter, ArgumentParser
from collections import OrderedDict

import torch
import wandb
from data import corrupt_mnist
from logger import make_logger
from model import MyAwesomeModel
from torch import nn


class Training:
    def __init__(self, run, log):
        self.run, self.log, self.settings = run, log, run.config
        self.generator = torch.Generator().manual_seed(self.settings.seed)
        torch.manual_seed(self.settings["seed"])
        self.model = MyAwesomeModel()
        self.data, self.test = corrupt_mnist()

    def batches(self):
        order = torch.randperm(len(self.data), generator=self.generator)
        for rows in torch.split(order, self.settings.batch_size):
            yield self.data[rows]

    def epochs(self):
        loss_function = nn.CrossEntropyLoss(reduction="none")
        sgd = torch.optim.SGD(self.model.parameters(), self.settings.lr)
        step = 0
        for epoch in range(1, self.settings.epochs + 1):
            for x, y in self.batches():
                scores = self.model.train()(x)
                losses = loss_function(scores, y)
                self.run.log({"train_loss": float(losses.mean())}, step=step, commit=False)
                hits = scores.max(dim=1).indices.eq(y)
                self.run.log({"train_accuracy": hits.sum().item() / len(y), "epoch": epoch}, step=step)
                sgd.zero_grad(set_to_none=True)
                losses.mean().backward()
                sgd.step()
                step += 1
            self.log.info(f"Epoch {epoch}/{self.settings.epochs} is over")

    @torch.no_grad()
    def accuracy(self):
        x, y = self.test[:]
        return self.model.eval()(x).argmax(-1).eq(y).double().mean().item()

    def save(self):
        torch.save(OrderedDict(self.model.state_dict()), "model.pth")
        metadata = dict(test_accuracy=self.accuracy(), epochs=self.settings.epochs, lr=self.settings.lr)
        artifact = wandb.Artifact(name="corrupt_mnist_model", type="model", metadata=metadata, description="weights")
        with artifact.new_file("model.pth", mode="wb") as copy, open("model.pth", "rb") as saved:
            copy.write(saved.read())
        self.run.log_artifact(artifact, aliases=["latest", "best"])


def main():
    parser = ArgumentParser(formatter_class=ArgumentDefaultsHelpFormatter)
    for name, default in {"lr": 0.1, "batch_size": 50, "epochs": 4, "seed": 42}.items():
        spellings = dict.fromkeys([f"--{name}", f"--{name.replace('_', '-')}"])
        parser.add_argument(*spellings, dest=name, type=type(default), default=default)
    run = wandb.init(project="digits", job_type="training", config=parser.parse_args())
    training = Training(run, make_logger("train", "train.log", level="WARNING"))
    pixels = training.data.tensors[0][:3].numpy()
    run.log({"images": wandb.Image(pixels[0, 0], caption="the first")}, step=0, commit=False)
    training.epochs()
    training.save()
    run.finish()


if __name__ == "__main__":
    main()
