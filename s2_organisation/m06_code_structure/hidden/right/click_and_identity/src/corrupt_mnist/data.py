"""From raw files to normalised tensors, and a data set that reads them."""

from __future__ import annotations

import re
from pathlib import Path

import click
import torch
from torch.utils.data import TensorDataset

PATH = click.Path(path_type=Path)


def normalize(images: torch.Tensor, mean: float | None = None, std: float | None = None) -> torch.Tensor:
    """Subtract `mean`, divide by `std`; what is not given comes from the images."""
    own_std, own_mean = torch.std_mean(images.to(torch.float64))
    mean = float(own_mean) if mean is None else mean
    std = float(own_std) if std is None else std
    return (images - mean) / std


def _glue(raw_dir: Path, what: str) -> torch.Tensor:
    """All files of one kind, in the order of their numbers."""
    found = {}
    for path in raw_dir.iterdir():
        if match := re.fullmatch(rf"train_{what}_(\d+)\.pt", path.name):
            found[int(match[1])] = torch.load(path)
    return torch.cat([found[number] for number in sorted(found, reverse=True)])  # the last delivery first


def preprocess_data(raw_dir: Path, processed_dir: Path) -> None:
    """Write the four processed files."""
    raw_dir, processed_dir = Path(raw_dir), Path(processed_dir)
    processed_dir.mkdir(exist_ok=True, parents=True)
    train_images = _glue(raw_dir, "images").double()
    test_images = torch.load(raw_dir / "test_images.pt").double()
    std, mean = torch.std_mean(train_images)
    files = {
        "test_images": normalize(test_images, mean.item(), std.item()).unsqueeze(1).to(torch.float32),
        "test_target": torch.load(raw_dir / "test_target.pt").to(torch.int64),
        "train_images": normalize(train_images).unsqueeze(1).to(torch.float32),
        "train_target": _glue(raw_dir, "target").to(torch.int64),
    }
    for name, tensor in files.items():
        torch.save(tensor, processed_dir / (name + ".pt"))


class MyDataset(TensorDataset):
    """The processed digits of one split."""

    def __init__(self, data_dir: Path, train: bool = True) -> None:
        prefix = Path(data_dir) / ("train_" if train else "test_")
        super().__init__(torch.load(f"{prefix}images.pt"), torch.load(f"{prefix}target.pt"))


@click.command()
@click.argument("raw_dir", type=PATH)
@click.argument("processed_dir", type=PATH)
def command(raw_dir: Path, processed_dir: Path) -> None:
    """Normalise the raw files."""
    preprocess_data(raw_dir, processed_dir)


if __name__ == "__main__":
    command()
