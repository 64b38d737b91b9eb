"""What the tests share."""

import pytest
import torch
from digit_classifier.data import DATA_DIR, corrupt_mnist
from torch import nn


@pytest.fixture(scope="session")
def sets():
    if not any(DATA_DIR.glob("*.pt")):
        pytest.skip("no digits here: python -m mlops_course.digits data/processed")
    return dict(zip(["train", "test"], corrupt_mnist(), strict=True))


@pytest.fixture(params=["train", "test"])
def split(request, sets):
    return sets[request.param]


class Spy(nn.Module):
    """Takes logits for images, and notes in which mode it was whenever it was called."""

    def __init__(self):
        super().__init__()
        self.shift = nn.Parameter(torch.zeros(10))
        self.modes = []

    def forward(self, logits):
        self.modes.append(self.training)
        return logits + self.shift


@pytest.fixture
def spy():
    return Spy()


@pytest.fixture
def four_and_one():
    """A batch of four images that are right, and of one that is not."""
    logits = torch.eye(10)[[0, 1, 2, 3, 4]] * torch.tensor([[1.0], [2.0], [3.0], [4.0], [5.0]])
    targets = torch.tensor([0, 1, 2, 3, 9])
    return [(logits[:4], targets[:4]), (logits[4:], targets[4:])]
