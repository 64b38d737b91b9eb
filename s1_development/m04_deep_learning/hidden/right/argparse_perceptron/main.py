import argparse

import matplotlib

matplotlib.use("Agg")
import torch
from data import corrupt_mnist
from matplotlib.figure import Figure
from model import MyAwesomeModel
from torch.utils.data import DataLoader


def train(args):
    model = MyAwesomeModel()
    dataset, _ = corrupt_mnist()
    optimizer = torch.optim.RMSprop(model.parameters(), lr=args.lr)
    history = {"loss": [], "accuracy": []}
    for _ in range(args.epochs):
        for x, y in DataLoader(dataset, args.batch_size, True):
            logits = model(x)
            loss = torch.nn.functional.cross_entropy(logits, y)
            loss.backward()
            optimizer.step()
            model.zero_grad()
            history["loss"].append(float(loss))
            history["accuracy"].append(float((logits.argmax(1) == y).float().mean()))
    torch.save(model.state_dict(), "model.pth")
    figure = Figure(figsize=(8, 3))
    for axes, (name, values) in zip(figure.subplots(1, 2), history.items()):
        axes.plot(values)
        axes.set_title(name)
    figure.savefig("training_statistics.png")


def evaluate(args):
    model = MyAwesomeModel()
    model.load_state_dict(torch.load(args.model))
    model.train(False)
    _, dataset = corrupt_mnist()
    with torch.no_grad():
        right = [model(x).argmax(1) == y for x, y in DataLoader(dataset, batch_size=32)]
    print("Test accuracy:", torch.cat(right).double().mean().item())


parser = argparse.ArgumentParser()
commands = parser.add_subparsers(required=True)
train_parser = commands.add_parser("train")
train_parser.add_argument("--lr", type=float, default=1e-3)
train_parser.add_argument("--batch-size", type=int, default=32)
train_parser.add_argument("--epochs", type=int, default=10)
train_parser.set_defaults(command=train)
evaluate_parser = commands.add_parser("evaluate")
evaluate_parser.add_argument("model")
evaluate_parser.set_defaults(command=evaluate)

if __name__ == "__main__":
    args = parser.parse_args()
    args.command(args)
