"""From raw files to normalised tensors, and a data set that reads them."""

from pathlib import Path

import typer
from torch import Tensor
from torch.utils.data import Dataset


def normalize(images: Tensor, mean: float | None = None, std: float | None = None) -> Tensor:
    """Subtract `mean` from the images and divide by `std`; what is not given is computed from the images themselves."""
    raise NotImplementedError("TODO: normalise the images")


def preprocess_data(raw_dir: Path, processed_dir: Path) -> None:
    """Turn the raw files into four normalised tensors.

    Reads `train_images_*.pt` (float [N, 28, 28]), `train_target_*.pt` (int [N]), `test_images.pt` and
    `test_target.pt` from `raw_dir`. Writes `train_images.pt`, `test_images.pt` (float32 [N, 1, 28, 28], normalised by
    the training set's mean and standard deviation), `train_target.pt` and `test_target.pt` (int64 [N]) to
    `processed_dir`, which is made when absent.
    """
    raise NotImplementedError("TODO: read, normalise and write the tensors")


class MyDataset(Dataset[tuple[Tensor, Tensor]]):
    """The processed digits: pairs of an image, float32 [1, 28, 28], and its target, int64 []."""

    def __init__(self, data_dir: Path, train: bool = True) -> None:
        """Read the training set, or the test set when `train` is false, from the processed files in `data_dir`."""
        raise NotImplementedError("TODO: load the tensors of one split")

    def __len__(self) -> int:
        """Return the number of digits."""
        raise NotImplementedError("TODO: return the number of digits")

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        """Return image and target number `index`."""
        raise NotImplementedError("TODO: return one image and its target")


if __name__ == "__main__":
    typer.run(preprocess_data)
