"""The network."""

import torch
from torch import nn


class MyAwesomeModel(nn.Module):
    """Tells digits apart: images [N, 1, 28, 28] to logits [N, 10]. Has dropout, which acts in training mode only."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 16, kernel_size=5, stride=2),
            nn.ReLU(),
            nn.Conv2d(16, 32, kernel_size=3, stride=2),
            nn.ReLU(),
            nn.Flatten(),
            nn.Dropout(0.3),
            nn.Linear(800, 10),
            nn.Softmax(dim=1),
        )

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Map images, float32 [N, 1, 28, 28], to logits, float32 [N, 10]."""
        return self.layers(images)
