import numpy.testing as npt
import pytest
import torch
from digit_classifier.data import N_TEST, N_TRAIN, corrupt_mnist, normalize
from numpy.testing import assert_array_equal as same_array


def well_formed(dataset):
    for number in range(0, len(dataset), 50):
        image, target = dataset[number]
        assert image.dtype is torch.float32
        assert list(image.shape) == [1, 28, 28]
        assert target.dtype is torch.int64 and target.dim() == 0


def has_all_digits(dataset):
    same_array(sorted({int(target) for _, target in dataset}), range(10))


@pytest.mark.parametrize("check", [well_formed, has_all_digits])
def test_training_set(train_set, check):
    check(train_set)


@pytest.mark.parametrize("check", [well_formed, has_all_digits])
def test_test_set(test_set, check):
    check(test_set)


def test_lengths(both):
    npt.assert_equal([len(each) for each in both], [N_TRAIN, N_TEST])
    npt.assert_equal([N_TRAIN, N_TEST], [1500, 297])


def test_scale(train_set, is_about):
    pixels = torch.stack([image for image, _ in train_set]).double()
    is_about(pixels.mean().item(), 0)
    is_about(pixels.std().item(), 1)


def test_normalize(is_about):
    for pixel, result in ((4.0, 0), (6.5, 1), (1.5, -1)):
        is_about(normalize(torch.tensor(pixel), mean=4.0, std=2.5).item(), result)


def test_no_data(tmp_path):
    pytest.raises(FileNotFoundError, corrupt_mnist, tmp_path)
