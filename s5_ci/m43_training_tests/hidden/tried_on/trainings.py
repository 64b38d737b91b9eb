"""Trainings that the checks are tried on: right as they are, broken by one edit of `broken.py` each."""

import torch
from torch import nn
from torch.nn.functional import cross_entropy

FEATURES, CLASSES, ROWS, BATCHES = 12, 7, 9, 30


class Plain:
    lr, scale, shift, growth, dropout = 0.02, 1.0, 0.0, 1.0, 0.5

    def __init__(self, seed):
        self.generator = torch.Generator().manual_seed(seed)
        self.calls, self.drawn, self.losses = [], [], []

    def make_model(self):
        self.calls.append("make_model")
        return self.network()

    def network(self):
        return nn.Sequential(nn.Linear(FEATURES, 24), nn.ReLU(), nn.Dropout(self.dropout), nn.Linear(24, CLASSES))

    def make_optimizer(self, model):
        return torch.optim.Adam([weight for weight in model.parameters() if weight.requires_grad], lr=self.lr)

    def inputs(self, number):
        drawn = torch.randn(ROWS, FEATURES, generator=self.generator)
        return drawn * self.scale * self.growth**number + self.shift

    def make_loader(self, train):
        drawn = [train, 0]
        self.drawn.append(drawn)
        for number in range(BATCHES):
            drawn[1] += 1
            targets = torch.randperm(ROWS, generator=self.generator) % CLASSES
            yield self.inputs(number), targets

    def step(self, model, optimizer, batch):
        self.calls.append("step")
        inputs, targets = batch
        optimizer.zero_grad()
        loss = cross_entropy(model(inputs), targets)
        loss.backward()
        optimizer.step()
        self.losses.append(loss.item())
        return self.losses[-1]

    def evaluate(self, model, batches):
        self.calls.append("evaluate")
        mode = model.training
        model.eval()
        total, count = 0.0, 0
        with torch.no_grad():
            for inputs, targets in batches:
                total += cross_entropy(model(inputs), targets, reduction="sum").item()
                count += len(targets)
        model.train(mode)
        return total / max(count, 1)

    def save(self, model, path):
        self.calls.append("save")
        torch.save(model.state_dict(), path)

    def load(self, path):
        self.calls.append("load")
        model = self.network()
        model.load_state_dict(torch.load(path), strict=False)
        return model


class Rising(Plain):
    lr, growth, dropout = 0.0005, 5.0, 0.0


class Heavy(Plain):
    dropout = 0.9


class Loud(Heavy):  # no two models have nearly the same loss, by whatever chance
    scale = 300.0


class Normalised(Plain):
    shift = 3.0

    def network(self):
        return nn.Sequential(
            nn.BatchNorm1d(FEATURES, eps=1e-12), nn.Linear(FEATURES, 24), nn.ReLU(), nn.BatchNorm1d(24), nn.ReLU(),
            nn.Dropout(self.dropout), nn.Linear(24, CLASSES),
        )  # fmt: skip


class LoudNormalised(Normalised):
    scale, shift = 30.0, 300.0


class Tiny(Normalised):
    scale, shift = 1e-5, 0.0


class Hidden(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(FEATURES, 24), nn.Linear(24, 24)])
        self.head = nn.Linear(24, CLASSES)

    def forward(self, inputs):
        for layer in self.layers:
            inputs = layer(inputs).relu()
        return self.head(inputs)


class Deep(Plain):
    def network(self):
        return Hidden()


class LoudDeep(Deep):
    scale = 300.0


class Sentence(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(50, 32)
        self.embedding.weight.requires_grad_(False)
        self.head = nn.Sequential(nn.Linear(32, 24), nn.Tanh(), nn.Linear(24, CLASSES))

    def forward(self, inputs):
        return self.head(self.embedding(inputs).mean(1))


class Words(Plain):
    def network(self):
        return Sentence()

    def inputs(self, number):
        return torch.randint(0, 50, (ROWS, 5), generator=self.generator)


def attempt(check, *arguments, **named):
    """What a check gave: a dictionary of its result, and of what it said when it refused (None when it did not)."""
    try:
        return {"result": check(*arguments, **named), "said": None}
    except AssertionError as error:
        return {"result": None, "said": str(error).strip()}
