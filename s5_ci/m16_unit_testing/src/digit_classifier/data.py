"""The digits as two data sets."""

from pathlib import Path

import torch
from torch.utils.data import TensorDataset

DATA_DIR = Path("data/processed")
N_TRAIN = 1500
N_TEST = 297


def normalize(images: torch.Tensor, mean: float, std: float) -> torch.Tensor:
    """Shift and scale the images: a pixel of value `mean` becomes 0, one of `mean + std` becomes 1."""
    return (images - mean) / std


def corrupt_mnist(data_dir: Path = DATA_DIR) -> tuple[TensorDataset, TensorDataset]:
    """Read the training set and the test set.

    The folder holds `train_images_*.pt` and `train_target_*.pt` in any number of parts, `test_images.pt` and
    `test_target.pt`. Both sets are normalised with the mean and the standard deviation of the training images.

    Returns:
        Training set and test set; each item is an image, float32 [1, 28, 28], and its target, int64 [].

    Raises:
        FileNotFoundError: the folder holds no training images.
    """
    data_dir = Path(data_dir)
    parts = sorted(path.name.removeprefix("train_images_") for path in data_dir.glob("train_images_*.pt"))
    if not parts:
        raise FileNotFoundError(f"no train_images_*.pt in {data_dir}: write the digits there first")
    train_images = torch.cat([torch.load(data_dir / f"train_images_{part}") for part in parts]).float()
    train_target = torch.cat([torch.load(data_dir / f"train_target_{part}") for part in parts]).long()
    test_images = torch.load(data_dir / "test_images.pt").float()
    test_target = torch.load(data_dir / "test_target.pt").long()

    mean, std = train_images.mean().item(), train_images.std().item()
    train_images = normalize(train_images, mean, std).unsqueeze(1)
    test_images = normalize(test_images, mean, std).unsqueeze(1)
    return TensorDataset(train_images, train_target), TensorDataset(test_images, test_target)
