import argparse
import os
import re

import torch
from torch.utils.data import TensorDataset


def normalize(images, mean=None, std=None):
    if mean is None:
        mean = torch.mean(images)
    if std is None:
        std = torch.std(images, correction=0)
    return images.sub(mean).div(std)


def _numbered(folder, prefix):
    names = [name for name in os.listdir(folder) if re.fullmatch(prefix + r"_\d+\.pt", name)]
    names.sort(key=lambda name: int(name.rpartition("_")[2].removesuffix(".pt")), reverse=True)
    return torch.cat([torch.load(os.path.join(folder, name)) for name in names])


def preprocess_data(raw_dir, processed_dir):
    os.makedirs(processed_dir, exist_ok=True)
    splits = {
        "train": (_numbered(raw_dir, "train_images"), _numbered(raw_dir, "train_target")),
        "test": tuple(torch.load(os.path.join(raw_dir, f"test_{what}.pt")) for what in ("images", "target")),
    }
    reference = splits["train"][0].to(torch.float32)
    for split, (images, target) in splits.items():
        images = normalize(images.to(torch.float32), reference.mean(), reference.std())
        torch.save(images[:, None], os.path.join(processed_dir, f"{split}_images.pt"))
        torch.save(target.to(torch.int64), os.path.join(processed_dir, f"{split}_target.pt"))


class MyDataset(TensorDataset):
    def __init__(self, data_dir, train=True):
        split = ("test", "train")[train]
        super().__init__(*(torch.load(os.path.join(data_dir, f"{split}_{what}.pt")) for what in ("images", "target")))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("raw_dir")
    parser.add_argument("processed_dir")
    preprocess_data(**vars(parser.parse_args()))
