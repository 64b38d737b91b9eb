import os

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt
import torch
from torch.nn import CrossEntropyLoss

from corrupt_mnist._console import command
from corrupt_mnist.data import MyDataset
from corrupt_mnist.model import MyAwesomeModel


class Trainer:
    def __init__(self, lr, batch_size):
        self.model = MyAwesomeModel()
        self.optimiser = torch.optim.NAdam(self.model.parameters(), lr=lr)
        self.criterion = CrossEntropyLoss(reduction="sum")
        self.batch_size = batch_size
        self.losses = []

    def step(self, images, targets):
        def closure():
            self.optimiser.zero_grad(set_to_none=False)
            loss = self.criterion(self.model(images), targets) / len(targets)
            loss.backward()
            return loss

        self.losses.append(self.optimiser.step(closure).item())

    def epoch(self, dataset):
        self.model.train()
        sampler = torch.utils.data.BatchSampler(
            torch.utils.data.RandomSampler(dataset), self.batch_size, drop_last=False
        )
        for batch in sampler:
            self.step(*dataset[batch])


def save(folder_and_name, write):
    folder = os.path.dirname(folder_and_name)
    if folder:
        os.makedirs(folder, exist_ok=True)
    write(folder_and_name)


def train(
    data_dir="data/processed",
    model_path="models/model.pth",
    figure_path="reports/figures/training_statistics.png",
    lr=1e-3,
    batch_size=32,
    epochs=10,
):
    """Train."""
    trainer = Trainer(lr, batch_size)
    dataset = MyDataset(data_dir)
    for _ in range(epochs):
        trainer.epoch(dataset)
    save(model_path, lambda path: torch.save(trainer.model.state_dict(), path))
    plt.plot(trainer.losses)
    save(figure_path, lambda path: plt.savefig(path, format="png"))


main = command(train)

if __name__ == "__main__":
    main()
