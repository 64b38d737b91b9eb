import argparse
import sys

import torch
import torch.nn.functional as F
from data import corrupt_mnist
from matplotlib.figure import Figure
from model import MyAwesomeModel


def shuffled(dataset, size):
    order = torch.randperm(len(dataset)).split(size)
    for indices in order:
        pairs = [dataset[int(i)] for i in indices]
        images, targets = map(torch.stack, zip(*pairs))
        yield images, targets


def train(options):
    network = MyAwesomeModel()
    network.train()
    dataset, _ = corrupt_mnist()
    weights = [p for p in network.parameters() if p.requires_grad]
    optimiser = torch.optim.RAdam(weights, lr=options.lr) if options.lr else torch.optim.SGD(weights, lr=0.0)
    history = []
    for epoch in range(options.epochs):
        for images, targets in shuffled(dataset, options.batch_size):
            loss = F.nll_loss(network(images).log_softmax(dim=-1), targets)
            for weight, gradient in zip(weights, torch.autograd.grad(loss, weights, allow_unused=True)):
                weight.grad = gradient
            optimiser.step()
            history.append(float(loss))
        print("epoch", epoch, history[-1] if history else None, file=sys.stderr)
    torch.save({name: tensor.detach().cpu().clone() for name, tensor in network.state_dict().items()}, "model.pth")
    figure = Figure()
    figure.add_subplot().semilogy(history)
    figure.savefig("training_statistics.png")


@torch.inference_mode()
def evaluate(options):
    network = MyAwesomeModel().eval()
    network.load_state_dict(torch.load(options.model, map_location="cpu"))
    _, test = corrupt_mnist()
    hits = sum(
        network(image.unsqueeze(0)).argmax().item() == target.item()
        for image, target in (test[i] for i in range(len(test)))
    )
    print("evaluated", len(test), "images")
    print(f"Test accuracy: {hits / len(test):.6f}")


def main():
    parser = argparse.ArgumentParser(formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("train")
    one.add_argument("--lr", default=0.001, type=float)
    one.add_argument("--batch-size", "-b", default=32, type=int)
    one.add_argument("--epochs", default=10, type=int)
    one.set_defaults(run=train)
    two = commands.add_parser("evaluate")
    two.add_argument("model")
    two.set_defaults(run=evaluate)
    options = parser.parse_args()
    options.run(options)


main()
