"""What several tests need."""

import pytest
import torch
from digit_classifier.data import DATA_DIR, corrupt_mnist
from digit_classifier.model import DigitClassifier


@pytest.fixture(autouse=True)
def _seeded():
    torch.manual_seed(0)


@pytest.fixture(scope="session")
def datasets():
    if not any(DATA_DIR.glob("*.pt")):
        pytest.skip("no data")
    return corrupt_mnist()


@pytest.fixture
def model():
    return DigitClassifier()


@pytest.fixture
def batches():
    images, target = torch.rand(7, 1, 28, 28), torch.tensor([9, 1, 4, 4, 0, 2, 7])
    return list(zip(images.split(3), target.split(3)))
