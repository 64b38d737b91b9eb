import pytest
import torch
from digit_classifier.data import corrupt_mnist, normalize


@pytest.mark.parametrize(("which", "size"), [("train", 1500), ("test", 297)])
def test_1_every_part_is_read(sets, which, size):
    assert len(sets[which]) == size


def test_2_images(split):
    assert {(image.dtype, tuple(image.shape)) for image, *_ in split} == {(torch.float32, (1, 28, 28))}


def test_3_targets(split):
    targets = [target for _, target in split]
    assert all(target.dtype is torch.int64 and target.shape == () for target in targets)
    assert sorted({target.item() for target in targets}) == list(range(10))


def test_4_mean_and_deviation(sets):
    pixels = torch.stack([image for image, _ in sets["train"]]).double()
    assert pixels.mean().item() == pytest.approx(0, abs=1e-3)
    assert pixels.std().item() == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("mean", [0.0, 0.25, -3.0])
@pytest.mark.parametrize("std", [1.0, 0.5, 4.0])
def test_5_normalize(mean, std):
    out = normalize(torch.tensor([[mean, mean + std], [mean - std, mean + 3 * std]]), mean, std)
    torch.testing.assert_close(out, torch.tensor([[0.0, 1.0], [-1.0, 3.0]]))


def test_6_nothing_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        corrupt_mnist(tmp_path)
