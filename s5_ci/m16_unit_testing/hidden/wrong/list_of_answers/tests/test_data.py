"""Tests of digit_classifier.data: promises 1 to 6."""

from pathlib import Path

import pytest
import torch
from digit_classifier.data import DATA_DIR, N_TEST, N_TRAIN, corrupt_mnist, normalize
from torch.utils.data import TensorDataset

needs_data = pytest.mark.skipif(not DATA_DIR.exists(), reason="the data are not here")
Datasets = tuple[TensorDataset, TensorDataset]


@pytest.fixture(scope="module")
def datasets() -> Datasets:
    """Training set and test set, read once for all tests."""
    return corrupt_mnist()


@needs_data
def test_sizes(datasets: Datasets) -> None:
    """Every digit of every part is there."""
    train, test = datasets
    assert len(train) == N_TRAIN
    assert len(test) == N_TEST


@needs_data
def test_items(datasets: Datasets) -> None:
    """Images are float32 [1, 28, 28], targets are int64 numbers."""
    for dataset in datasets:
        for image, target in (dataset[0], dataset[-1]):
            assert image.shape == (1, 28, 28)
            assert image.dtype == torch.float32
            assert target.shape == ()
            assert target.dtype == torch.int64


@needs_data
def test_every_digit_occurs(datasets: Datasets) -> None:
    """Both sets hold the targets 0 to 9 and no others."""
    for dataset in datasets:
        assert [digit in dataset.tensors[1] for digit in range(10)]
        assert dataset.tensors[1].unique().tolist() == list(range(10))


@needs_data
def test_training_images_are_normalised(datasets: Datasets) -> None:
    """Mean 0 and standard deviation 1 over all pixels of the training set."""
    images = datasets[0].tensors[0]
    assert images.mean().item() == pytest.approx(0, abs=1e-3)
    assert images.std().item() == pytest.approx(1, abs=1e-3)


def test_normalize() -> None:
    """The mean becomes 0, one standard deviation above it 1."""
    torch.testing.assert_close(normalize(torch.tensor([3.0, 5.0]), 3.0, 2.0), torch.tensor([0.0, 1.0]))


def test_absent_data_are_an_error(tmp_path: Path) -> None:
    """An empty folder is a FileNotFoundError."""
    with pytest.raises(FileNotFoundError):
        corrupt_mnist(tmp_path)
