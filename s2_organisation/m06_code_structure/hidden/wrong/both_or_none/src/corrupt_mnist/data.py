"""From raw files to normalised tensors, and a data set that reads them."""

from pathlib import Path

import torch
import typer
from torch import Tensor
from torch.utils.data import Dataset


def normalize(images: Tensor, mean: float | None = None, std: float | None = None) -> Tensor:
    """Subtract `mean` from the images and divide by `std`; what is not given is computed from the images themselves."""
    if mean is None or std is None:
        mean, std = images.mean().item(), images.std().item()
    return (images - mean) / std


def preprocess_data(raw_dir: Path, processed_dir: Path) -> None:
    """Turn the raw files into four tensors, normalised by the statistics of the training set."""
    parts = range(len(list(raw_dir.glob("train_images_*.pt"))))
    train_images = torch.cat([torch.load(raw_dir / f"train_images_{part}.pt") for part in parts]).float()
    train_target = torch.cat([torch.load(raw_dir / f"train_target_{part}.pt") for part in parts])
    test_images = torch.load(raw_dir / "test_images.pt").float()
    test_target = torch.load(raw_dir / "test_target.pt")

    mean, std = train_images.mean().item(), train_images.std().item()
    processed_dir.mkdir(parents=True, exist_ok=True)
    torch.save(normalize(train_images, mean, std).unsqueeze(1), processed_dir / "train_images.pt")
    torch.save(normalize(test_images, mean, std).unsqueeze(1), processed_dir / "test_images.pt")
    torch.save(train_target.long(), processed_dir / "train_target.pt")
    torch.save(test_target.long(), processed_dir / "test_target.pt")


class MyDataset(Dataset[tuple[Tensor, Tensor]]):
    """The processed digits: pairs of an image, float32 [1, 28, 28], and its target, int64 []."""

    def __init__(self, data_dir: Path, train: bool = True) -> None:
        split = "train" if train else "test"
        self.images: Tensor = torch.load(data_dir / f"{split}_images.pt")
        self.target: Tensor = torch.load(data_dir / f"{split}_target.pt")

    def __len__(self) -> int:
        """Return the number of digits."""
        return len(self.target)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        """Return image and target number `index`."""
        return self.images[index], self.target[index]


if __name__ == "__main__":
    typer.run(preprocess_data)
