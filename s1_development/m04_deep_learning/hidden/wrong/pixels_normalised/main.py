#!/usr/bin/env python
"""Train and evaluate, with argparse; the figure is drawn by Pillow."""

import argparse
import random

import numpy as np
import torch
from data import corrupt_mnist
from model import MyAwesomeModel
from PIL import Image, ImageDraw


def stack(dataset):
    """The whole of a data set as two tensors."""
    pairs = [dataset[i] for i in range(len(dataset))]
    return torch.stack([x for x, _ in pairs]), torch.stack([y for _, y in pairs])


def draw(values, filename, width=800, height=400):
    """A polyline of the values."""
    canvas = Image.new("RGB", (width, height), "white")
    v = np.asarray(values, dtype=float)
    low, high = (v.min(), v.max()) if len(v) else (0.0, 1.0)
    xs = np.linspace(10, width - 10, max(len(v), 2))
    points = [(x, height - 20 - (y - low) / (high - low + 1e-12) * (height - 40)) for x, y in zip(xs, v, strict=False)]
    pen = ImageDraw.Draw(canvas)
    pen.line(points, fill="navy", width=2)
    pen.text((12, 2), f"loss, from {low:.6f} to {high:.6f}, last {v[-1] if len(v) else 0:.6f}", fill="black")
    canvas.save(filename)


def train(args):
    x, y = stack(corrupt_mnist()[0])
    net = MyAwesomeModel()
    net.train()
    opt = torch.optim.NAdam(net.parameters(), lr=args.lr)
    order, losses = list(range(len(y))), []
    for epoch in range(args.epochs):
        random.shuffle(order)
        position = 0
        while position < len(order):
            now = torch.tensor(order[position : position + args.batch_size])
            position += args.batch_size
            log_p = net(x[now]).log_softmax(1)
            loss = -log_p[torch.arange(len(now)), y[now]].mean()
            for p in net.parameters():
                p.grad = None
            loss.backward()
            opt.step()
            losses.append(float(loss.detach()))
        print("epoch", epoch + 1, "of", args.epochs, "loss", losses[-1])
    draw(losses, "training_statistics.png")
    torch.save(net.state_dict(), "model.pth")


def evaluate(args):
    net = MyAwesomeModel()
    net.load_state_dict(torch.load(args.weights, map_location="cpu", weights_only=True))
    net.requires_grad_(False).eval()
    x, y = stack(corrupt_mnist()[1])
    with torch.inference_mode():
        hits = sum(int((net(a).argmax(1) == b).sum()) for a, b in zip(x.split(7), y.split(7), strict=True))
    print(f"Test accuracy: {hits / len(y):.6f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    sub = parser.add_subparsers(required=True)
    t = sub.add_parser("train", formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    t.add_argument("--lr", type=float, default=0.001)
    t.add_argument("--batch-size", type=int, default=32)
    t.add_argument("--epochs", type=int, default=10)
    t.set_defaults(run=train)
    e = sub.add_parser("evaluate")
    e.add_argument("weights")
    e.set_defaults(run=evaluate)
    args = parser.parse_args()
    args.run(args)


if __name__ == "__main__":
    main()
