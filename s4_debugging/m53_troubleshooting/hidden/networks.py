"""Networks that the suite asks about. A copy lies beside the student's code; the judge builds its own."""

import torch
from torch import nn


class Block(nn.Module):
    """A residual connection: it works if `back` is `width`."""

    def __init__(self, width: int, hidden: int, back: int) -> None:
        super().__init__()
        self.outer = nn.Linear(hidden, back)
        self.inner = nn.Linear(width, hidden)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.outer(self.inner(x))


class Network(nn.Module):
    """Modules in another order than that of their calls, one of them under two names and called twice."""

    def __init__(self, features: int, width: int, hidden: int, classes: int) -> None:
        super().__init__()
        self.head = nn.Linear(hidden, classes)
        self.blocks = nn.Sequential(Block(width, hidden, width), nn.BatchNorm1d(width))
        self.shared = nn.Linear(width, width)
        self.again = self.shared
        self.recurrent = nn.GRU(width, hidden)
        self.stem = nn.Linear(features, width)
        self.unused = nn.Linear(3, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.again(self.stem(x))
        x = self.shared(self.blocks(x))
        x, _ = self.recurrent(x)
        return self.head(x)


class Broken(nn.Module):
    """Five places at which shapes may not fit; `where` chooses the one."""

    def __init__(self, where: str, width: int, hidden: int) -> None:
        super().__init__()
        self.where = where
        self.last = nn.Linear(width, width)
        self.block = Block(width, hidden, 1 + width if where == "block" else width)
        self.layers = nn.ModuleDict({"first": nn.Linear(width, width + (where == "layer"))})
        self.planes = nn.BatchNorm2d(width)
        self.again = self.layers["first"]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.layers["first"](x)
        x = self.block(x)
        if self.where == "value":
            x = self.planes(x)
        if self.where == "model":
            x = x.mean(dim=4)
        x = self.last(x)
        if self.where == "other":
            raise KeyError("vocabulary")
        return self.again(x[:, 1:] if self.where == "again" else x)


class Stack(nn.Module):
    """Layers whose activations autograd keeps, some of them for two operations, and noise that only training has."""

    def __init__(self, width: int, hidden: int, classes: int) -> None:
        super().__init__()
        self.frozen = nn.Linear(width, width)
        self.frozen.requires_grad_(False)
        self.layers = nn.Sequential(nn.Linear(width, hidden), nn.Tanh(), nn.Dropout(0.5), nn.BatchNorm1d(hidden))
        self.middle = nn.Linear(hidden, hidden)
        self.tied = self.middle
        self.head = nn.Linear(hidden, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.sigmoid(self.middle(self.layers(self.frozen(x))))
        return self.head(torch.tanh(self.tied(x)) * x)


class Scale(nn.Module):
    """Multiplication by a number, which may be too much."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.factor


class Pair(nn.Module):
    """Two tensors in, two tensors out; the second may be too much."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return x.clamp(-1, 1), y * self.factor


class Logarithm(nn.Module):
    """Its own arithmetic, between two layers, may take the logarithm of what is below zero."""

    def __init__(self, planted: bool) -> None:
        super().__init__()
        self.before = Scale(0.5)
        self.after = Scale(2.0)
        self.planted = planted

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.before(x)
        return self.after(x.log() if self.planted else x)


class Planted(nn.Module):
    """Its numbers stop being finite in one place, `where`, or nowhere. It hides that, unless the place is its own."""

    def __init__(self, where: str, width: int) -> None:
        super().__init__()
        self.squash = nn.Hardtanh()
        self.pair = Pair(1e30 if where == "pair" else 1.0)
        self.body = nn.ModuleList([Logarithm(where == "own arithmetic"), self.scales(where == "infinity")])
        self.norm = nn.BatchNorm1d(width)
        self.steps = nn.Sequential(nn.Identity(), Scale(float("nan") if where == "nan" else 1.0), Scale(1.0))
        self.where = where

    def scales(self, planted: bool) -> nn.Sequential:
        return nn.Sequential(Scale(1e30 if planted else 1.0), Scale(1e30 if planted else 1.0), Scale(1.0))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.steps(self.norm(x))
        for part in self.body:
            x = part(x)
        y = x * 1e30 if self.where in ("pair", "model") else x
        x, y = self.pair(self.squash(x), y * 1e30 if self.where == "model" else y)
        return x + y if self.where == "model" else torch.nan_to_num(x + y)
