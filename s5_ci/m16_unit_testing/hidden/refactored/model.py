"""The network: the same promises as the given package, other layers."""

import torch
from torch import nn


class DigitClassifier(nn.Module):
    def __init__(self, hidden: int = 32, dropout: float = 0.3) -> None:
        super().__init__()
        layers = [nn.AvgPool2d(2), nn.Flatten(), nn.Linear(196, hidden), nn.Tanh(), nn.Dropout(dropout)]
        self.layers = nn.Sequential(*layers, nn.Linear(hidden, 10))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        if images.dim() != 4 or images.size()[1:] != torch.Size([1, 28, 28]):
            raise ValueError(f"images [N, 1, 28, 28] were expected, not {list(images.size())}")
        return self.layers(images)
