"""The network that is trained; given."""

from torch import nn


class DigitClassifier(nn.Module):
    """A small network: images [N, 1, 28, 28] to logits [N, 10]."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Flatten(), nn.Linear(784, 24), nn.ReLU(), nn.Linear(24, 10))

    def forward(self, images):
        return self.layers(images)
