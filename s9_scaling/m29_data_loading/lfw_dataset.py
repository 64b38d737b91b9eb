"""Faces in the wild: a folder of images as a data set, in batches, on the clock."""

import time
from collections.abc import Callable, Iterable

from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset


class LFWDataset(Dataset[Tensor]):
    """All images of a folder and the folders in it, in the order of their paths.

    Images are the files that end in .jpg, .jpeg or .png, in small letters or capitals. No image is opened before it is
    asked for.

    Args:
        path_to_folder: where to look.
        transform: makes a tensor of an image in mode RGB.

    Raises:
        FileNotFoundError: the folder does not exist, or there is no image in it.
    """

    def __init__(self, path_to_folder: str, transform: Callable[[Image.Image], Tensor]) -> None:
        raise NotImplementedError("TODO: find the images")

    def __len__(self) -> int:
        """The number of images."""
        raise NotImplementedError("TODO: count the images")

    def __getitem__(self, index: int) -> Tensor:
        """Open one image and transform it.

        Raises:
            ValueError: the file is no image that can be read; the message names the file.
        """
        raise NotImplementedError("TODO: open one image and transform it")


def make_loader(dataset: Dataset[Tensor], batch_size: int, num_workers: int = 0, seed: int = 0) -> DataLoader[Tensor]:
    """Batches of all images in a shuffled order that depends on `seed` and nothing else; the last may be smaller."""
    raise NotImplementedError("TODO: make the loader")


def time_loader(
    loader: Iterable[Tensor],
    batches_to_check: int = 100,
    repeats: int = 5,
    clock: Callable[[], float] = time.perf_counter,
) -> tuple[float, float]:
    """How long it takes to start the loader and to get the first `batches_to_check` batches from it.

    Args:
        loader: may have fewer batches than asked for: then all of them are taken.
        batches_to_check: take this many batches and not one more.
        repeats: measure so many passes (at least 2), after one more that is not counted.
        clock: gives the present time in seconds.

    Returns:
        Mean and sample standard deviation (n - 1) of the passes, in seconds.
    """
    raise NotImplementedError("TODO: put the loader on the clock")


if __name__ == "__main__":
    raise NotImplementedError("TODO: the command line")
