"""A convolutional network, as one `Sequential`."""

from torch import nn


class MyAwesomeModel(nn.Sequential):
    def __init__(self):
        super().__init__(
            nn.Conv2d(1, 12, 5, stride=2, padding=2, bias=False),
            nn.BatchNorm2d(12),
            nn.SiLU(inplace=True),
            nn.Dropout2d(0.1),
            nn.Conv2d(12, 24, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(24),
            nn.SiLU(inplace=True),
            nn.Conv2d(24, 32, 3, stride=2, padding=1),
            nn.SiLU(),
            nn.Flatten(),
            nn.AlphaDropout(0.1),
            nn.Linear(32 * 16, 10),
        )
