"""The corrupted digits, read from their files."""

from pathlib import Path

import torch
from torch.utils.data import Dataset, TensorDataset

FOLDER = Path("data/corruptmnist")


def corrupt_mnist() -> tuple[Dataset, Dataset]:
    """Read the training set and the test set from the folder `data/corruptmnist` (relative to the current folder).

    Item `i` of either is a pair: an image, float32 [1, 28, 28], and its target, int64 [].
    """
    images, targets = [], []
    for path in FOLDER.glob("train_images_*.pt"):
        images.append(torch.load(path))
    for path in FOLDER.glob("train_target_*.pt"):
        targets.append(torch.load(path))
    train = TensorDataset(torch.cat(images).unsqueeze(1), torch.cat(targets))
    test_images, test_target = torch.load(FOLDER / "test_images.pt"), torch.load(FOLDER / "test_target.pt")
    return train, TensorDataset(test_images.unsqueeze(1), test_target)
