import os
import re

import torch
from torch.utils.data import Dataset


class Digits(Dataset):
    """Pairs of an image [1, 28, 28] and a target."""

    def __init__(self, pairs):
        self.pairs = [(image, target) for images, targets in pairs for image, target in zip(images, targets)]

    def __len__(self):
        return len(self.pairs)

    def __getitem__(self, index):
        image, target = self.pairs[index]
        return image[None], target


def load_pair(images_file, target_file, folder="data/corruptmnist"):
    return tuple(torch.load(os.path.join(folder, name), weights_only=True) for name in (images_file, target_file))


def corrupt_mnist():
    names = os.listdir("data/corruptmnist")
    numbers = sorted(int(match.group(1)) for match in map(re.compile(r"train_images_(\d+)\.pt$").match, names) if match)
    train = Digits([load_pair(f"train_images_{n}.pt", f"train_target_{n}.pt") for n in numbers])
    return train, Digits([load_pair("test_images.pt", "test_target.pt")])
