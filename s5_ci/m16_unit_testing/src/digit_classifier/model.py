"""The network."""

import torch
from torch import nn


class DigitClassifier(nn.Module):
    """Two layers with dropout between them: images [N, 1, 28, 28] to logits [N, 10]."""

    def __init__(self, hidden: int = 32, dropout: float = 0.3) -> None:
        super().__init__()
        self.first = nn.Linear(28 * 28, hidden)
        self.dropout = nn.Dropout(dropout)
        self.second = nn.Linear(hidden, 10)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Logits [N, 10] of the images [N, 1, 28, 28], for any N.

        Raises:
            ValueError: the images have not four dimensions, or one image is not [1, 28, 28].
        """
        if images.ndim != 4:
            raise ValueError(f"Expected a tensor of 4 dimensions, got {images.ndim}")
        if tuple(images.shape[1:]) != (1, 28, 28):
            raise ValueError(f"Expected each image to have shape [1, 28, 28], got {list(images.shape[1:])}")
        features = torch.relu(self.first(images.flatten(1)))
        return self.second(self.dropout(features))
