from itertools import pairwise

import torch
from torch import nn


class MyAwesomeModel(nn.Module):
    """Three convolutions with batch normalisation, then an average over the image."""

    def __init__(self) -> None:
        super().__init__()
        widths = [1, 16, 32, 32]
        sizes = list(pairwise(widths))
        self.convolutions = nn.ModuleList(nn.Conv2d(a, b, 3, stride=2, padding=1) for a, b in sizes)
        self.norms = nn.ModuleList(nn.BatchNorm2d(width) for width in widths[1:])
        self.drop = nn.Dropout(p=0.1)
        self.classify = nn.Linear(widths[-1], 10)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        values = images
        for convolution, norm in zip(self.convolutions, self.norms):
            values = torch.relu(norm(convolution(values)))
        return self.classify(self.drop(values.mean(dim=(2, 3))))
