"""Reading of the digits, shard by shard."""

import re
from pathlib import Path

import torch
from torch.utils.data import ConcatDataset, Dataset

HERE = Path("data") / "corruptmnist"
NAME = re.compile(r"train_images_(\d+)\.pt")


class Shard(Dataset):
    """One pair of files. A plain class: two tensors, and how to index them."""

    def __init__(self, images_file, target_file):
        self.pixels = torch.load(images_file, map_location="cpu").to(torch.float32)
        self.pixels = (self.pixels - self.pixels.mean()) / self.pixels.std()
        self.labels = torch.load(target_file, map_location="cpu").to(torch.int64)
        if len(self.pixels) != len(self.labels):
            raise ValueError(f"{images_file} and {target_file} do not fit")

    def __len__(self):
        return self.labels.numel()

    def __getitem__(self, i):
        return self.pixels[i][None], self.labels[i]


def corrupt_mnist():
    """The training set (every shard that is there, the last one first) and the test set."""
    numbers = sorted((int(m[1]) for m in map(NAME.fullmatch, (p.name for p in HERE.iterdir())) if m), reverse=True)
    shards = [Shard(HERE / f"train_images_{n}.pt", HERE / f"train_target_{n}.pt") for n in numbers]
    return ConcatDataset(shards), Shard(HERE / "test_images.pt", HERE / "test_target.pt")
