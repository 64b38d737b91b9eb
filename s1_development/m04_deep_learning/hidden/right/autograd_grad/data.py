import pathlib
import re

import torch
from torch.utils.data import ConcatDataset, Dataset


class _File(Dataset):
    """Images of one file."""

    def __init__(self, images, targets):
        self.images = torch.load(images, weights_only=True)
        self.targets = torch.load(targets, weights_only=True)
        assert len(self.images) == len(self.targets)

    def __len__(self):
        return self.images.shape[0]

    def __getitem__(self, index):
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        return self.images[index][None], self.targets[index]


def corrupt_mnist():
    folder = pathlib.Path("data", "corruptmnist")
    names = sorted(
        (path for path in folder.iterdir() if re.fullmatch(r"train_images_\d+\.pt", path.name)),
        key=lambda path: -int(re.search(r"\d+", path.name)[0]),
    )
    parts = [_File(path, path.with_name(path.name.replace("images", "target"))) for path in names]
    return ConcatDataset(parts), _File(folder / "test_images.pt", folder / "test_target.pt")
