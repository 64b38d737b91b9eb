import math

import pytest
import torch
from digit_classifier.data import DATA_DIR, corrupt_mnist
from digit_classifier.model import DigitClassifier


def _here():
    return any(DATA_DIR.glob("train_images_*.pt"))


@pytest.fixture(scope="session")
def both():
    if not _here():
        pytest.skip("no digits on this machine")
    return corrupt_mnist(DATA_DIR)


@pytest.fixture(scope="session")
def train_set(both):
    return both[0]


@pytest.fixture(scope="session")
def test_set(both):
    return both[1]


@pytest.fixture
def model():
    torch.manual_seed(2)
    return DigitClassifier(hidden=16, dropout=0.5)


@pytest.fixture
def is_about():
    def check(value, wanted, tolerance=1e-3):
        assert math.isclose(value, wanted, abs_tol=tolerance), f"{value} is not about {wanted}"

    return check
