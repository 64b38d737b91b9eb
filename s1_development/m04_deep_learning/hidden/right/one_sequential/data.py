"""The corrupted digits; numpy joins them."""
import glob
import os

import numpy as np
import torch
from torch.utils.data import TensorDataset


def _read(name):
    return torch.load(os.path.join("data/corruptmnist", name)).numpy()


def _dataset(images, target):
    return TensorDataset(
        torch.from_numpy(np.ascontiguousarray(images[:, np.newaxis], dtype=np.float32)),
        torch.from_numpy(target.astype(np.int64)),
    )


def corrupt_mnist():
    """Training set and test set."""
    names = [os.path.basename(path) for path in glob.glob("data/corruptmnist/train_images_*.pt")]
    images = np.concatenate([_read(name) for name in names])
    target = np.concatenate([_read(name.replace("images", "target")) for name in names])
    return _dataset(images, target), _dataset(_read("test_images.pt"), _read("test_target.pt"))
