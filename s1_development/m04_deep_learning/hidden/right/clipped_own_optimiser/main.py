"""Training with an optimiser that is written out: RMSProp, on gradients of bounded length."""

import click
import matplotlib
import torch
from data import corrupt_mnist
from model import MyAwesomeModel

matplotlib.use("Agg")


@click.group()
def cli():
    pass


class RMSProp:
    def __init__(self, parameters, lr):
        self.parameters, self.lr = list(parameters), lr
        self.squares = [torch.zeros_like(each) for each in self.parameters]

    @torch.no_grad()
    def step(self):
        torch.nn.utils.clip_grad_norm_(self.parameters, 0.5)
        for each, square in zip(self.parameters, self.squares):
            square.mul_(0.9).addcmul_(each.grad, each.grad, value=0.1)
            each -= self.lr * each.grad / (square.sqrt() + 1e-6)
            each.grad = None


@cli.command()
@click.option("--lr", type=float, default=1e-3, show_default=True)
@click.option("--batch-size", type=click.IntRange(min=1), default=32, show_default=True)
@click.option("--epochs", type=int, default=10, show_default=True)
def train(lr, batch_size, epochs):
    from matplotlib import pyplot

    model = MyAwesomeModel()
    digits = corrupt_mnist()[0]
    optimiser = RMSProp(model.parameters(), lr)
    curve = torch.zeros(0)
    while epochs > 0:
        sampler = torch.utils.data.BatchSampler(torch.utils.data.RandomSampler(digits), batch_size, drop_last=False)
        for images, targets in torch.utils.data.DataLoader(digits, batch_sampler=sampler):
            scores = model.train()(images)
            loss = scores.logsumexp(1).mean() - scores.gather(1, targets[:, None]).mean()
            loss.backward()
            optimiser.step()
            curve = torch.cat([curve, loss.detach()[None]])
        epochs -= 1
    torch.save(model.state_dict(), "model.pth")
    figure, axes = pyplot.subplots()
    axes.plot(curve)
    figure.savefig("training_statistics.png")


@cli.command()
@click.argument("checkpoint", type=click.Path(exists=True))
def evaluate(checkpoint):
    model = MyAwesomeModel()
    model.load_state_dict(torch.load(checkpoint, weights_only=True, map_location="cpu"))
    for parameter in model.eval().parameters():
        parameter.requires_grad_(False)
    with torch.no_grad():
        right = [int(model(image[None]).argmax() == target) for image, target in corrupt_mnist()[1]]
    click.echo(f"Test accuracy: {sum(right) / len(right):.3f}")


if __name__ == "__main__":
    cli()
