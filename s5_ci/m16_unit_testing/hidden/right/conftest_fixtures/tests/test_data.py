import numpy as np
import pytest
import torch
from digit_classifier.data import corrupt_mnist, normalize


def check_dataset(dataset, length):
    images, targets = dataset[:]
    assert images.shape == (length, 1, 28, 28) and images.dtype is torch.float
    assert targets.shape == (length,) and targets.dtype is torch.long
    assert set(targets.tolist()) == set(range(10))


def test_train(datasets):
    check_dataset(datasets[0], 1500)


def test_test(datasets):
    check_dataset(datasets[1], 297)


def test_statistics(datasets):
    pixels = datasets[0][:][0].numpy()
    np.testing.assert_allclose([pixels.mean(), pixels.std()], [0, 1], atol=1e-3)


@pytest.mark.parametrize(("value", "expected"), [(2.0, 0.0), (2.25, 1.0), (1.5, -2.0)])
def test_normalize(value, expected):
    assert normalize(torch.tensor(value), 2.0, 0.25).item() == pytest.approx(expected)


def test_missing(tmp_path):
    with pytest.raises(FileNotFoundError):
        corrupt_mnist(tmp_path / "nowhere")
