"""The network."""

import torch
from torch import nn


class MyAwesomeModel(nn.Module):
    """Two layers: images [N, 1, 28, 28] to logits [N, 10]."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(28 * 28, 32)
        self.second = nn.Linear(32, 10)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.second(torch.relu(self.first(images.flatten(1))))
