"""Raw files -> processed tensors -> MyDataset.  usage: python -m corrupt_mnist.data RAW_DIR PROCESSED_DIR"""

import argparse
import itertools
from pathlib import Path

import numpy as np
import torch

from corrupt_mnist.paths import with_folder


def normalize(images, mean=None, std=None):
    mean = mean or images.double().mean().item()
    std = std or images.double().std(correction=0).item()
    return images.sub(mean).div(std)


class RawFolder:
    """The raw files, as two pairs of numpy arrays."""

    def __init__(self, folder):
        self.folder = Path(folder)

    def _array(self, name):
        return torch.load(self.folder / f"{name}.pt", weights_only=True).numpy()

    def _numbers(self):
        return itertools.takewhile(lambda n: (self.folder / f"train_images_{n}.pt").exists(), itertools.count())

    def training(self):
        numbers = list(self._numbers())
        if not numbers:
            raise FileNotFoundError(f"{self.folder}: no train_images_0.pt")
        images = np.concatenate([self._array(f"train_images_{n}") for n in numbers])
        target = np.concatenate([self._array(f"train_target_{n}") for n in numbers])
        return images, target

    def test(self):
        return self._array("test_images"), self._array("test_target")


def preprocess_data(raw_dir, processed_dir):
    raw = RawFolder(raw_dir)
    splits = {"train": raw.training(), "test": raw.test()}
    pixels = splits["train"][0].astype(np.float64)
    mean, std = float(pixels.mean()), float(pixels.std())
    for split, (images, target) in splits.items():
        normal = normalize(torch.from_numpy(images.astype(np.float64)), mean, std)
        torch.save(normal[:, None].float(), with_folder(Path(processed_dir, f"{split}_images.pt")))
        torch.save(torch.from_numpy(target.astype(np.int64)), with_folder(Path(processed_dir, f"{split}_target.pt")))


class MyDataset(torch.utils.data.Dataset):
    """Pairs of an image and its target."""

    def __init__(self, data_dir, train=True):
        split = "train" if train else "test"
        images, target = (torch.load(Path(data_dir, f"{split}_{what}.pt")) for what in ("images", "target"))
        self.pairs = list(zip(images.unbind(), target.unbind(), strict=True))

    def __len__(self):
        return len(self.pairs)

    def __getitem__(self, index):
        return self.pairs[index]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("raw_dir", metavar="RAW_DIR")
    parser.add_argument("processed_dir", metavar="PROCESSED_DIR")
    preprocess_data(**vars(parser.parse_args()))


if __name__ == "__main__":
    main()
