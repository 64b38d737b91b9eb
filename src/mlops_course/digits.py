"""Handwritten digits at 28x28, in memory and offline.

The images are the 1797 real digits of `sklearn.datasets.load_digits` (8x8; "Optical Recognition of Handwritten Digits",
Alpaydin and Kaynak, UCI repository, CC BY 4.0), enlarged to the size that networks for MNIST expect. `digits.npz` is a
copy of them, since importing scikit-learn takes a second. Everything here is deterministic: the same arguments give
the same numbers.

    python -m mlops_course.digits data/corruptmnist     # writes the corrupted digits as the course's files
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

    Images = np.ndarray[tuple[int, int, int], np.dtype[np.float32]]
    Labels = np.ndarray[tuple[int], np.dtype[np.int64]]

Split = Literal["all", "train", "test"]

IMAGE_SIZE = 28
CLASSES = 10
TOTAL = 1797
TEST_SIZE = 297
"""Digits in the split "test"; the other 1500 are "train"."""

_SPLIT_SEED = 2476
_MAX_ANGLE = 30.0
_NOISE = 0.1


def load_digits(split: Split = "all") -> tuple[Images, Labels]:
    """Return images, float32 [N, 28, 28] with values in [0, 1], and their labels, int64 [N].

    The digits are shuffled once, with a fixed seed; "train" holds the first 1500 and "test" the other 297. The arrays
    are copies: change them freely.
    """
    images, labels = _all_digits()
    rows = {"all": slice(None), "train": slice(None, -TEST_SIZE), "test": slice(-TEST_SIZE, None)}[split]
    return images[rows].copy(), labels[rows].copy()


def digit_tensors(split: Split = "all") -> tuple[Tensor, Tensor]:
    """Return images, float32 [N, 1, 28, 28] with values in [0, 1], and their labels, int64 [N], as tensors."""
    import torch

    images, labels = load_digits(split)
    return torch.from_numpy(images).unsqueeze(1), torch.from_numpy(labels)


def corrupt(images: Images, seed: int = 0) -> Images:
    """Return the images [N, 28, 28], each rotated by up to 30 degrees either way, with noise, still in [0, 1]."""
    rng = np.random.default_rng(seed)
    angles = np.deg2rad(rng.uniform(-_MAX_ANGLE, _MAX_ANGLE, size=(len(images), 1, 1)))
    centre = (IMAGE_SIZE - 1) / 2
    down, right = np.meshgrid(np.arange(IMAGE_SIZE) - centre, np.arange(IMAGE_SIZE) - centre, indexing="ij")
    rotated = _bilinear(
        images,
        rows=np.cos(angles) * down - np.sin(angles) * right + centre,
        columns=np.sin(angles) * down + np.cos(angles) * right + centre,
    )
    noisy = rotated + rng.normal(scale=_NOISE, size=images.shape)
    return np.clip(noisy, 0, 1).astype(np.float32)


def corrupt_mnist_tensors(
    files: int = 5, train: int = TOTAL - TEST_SIZE, test: int = TEST_SIZE, seed: int = 0
) -> dict[str, Tensor]:
    """Return the corrupted digits as the course's files: from file name to tensor.

    `train_images_0.pt`, `train_target_0.pt` and so on hold `train` digits in all, spread over `files` pairs as evenly
    as possible; `test_images.pt` and `test_target.pt` hold `test` more, none of them among the first. Images are
    float32 [N, 28, 28] in [0, 1], without a channel dimension; targets are int64 [N]. `seed` chooses the digits and
    how each is corrupted.

    Raises:
        ValueError: there are fewer digits, or fewer training digits than files.
    """
    import torch

    if not (1 <= files <= train and test >= 1 and train + test <= TOTAL):
        raise ValueError(
            f"files={files}, train={train}, test={test}: at least one digit for each file, {TOTAL} digits in all"
        )
    images, labels = load_digits()
    chosen = np.random.default_rng(seed).permutation(TOTAL)[: train + test]
    images, labels = corrupt(images[chosen], seed), labels[chosen]
    tensors: dict[str, Tensor] = {}
    for number, rows in enumerate(np.array_split(np.arange(train), files)):
        tensors[f"train_images_{number}.pt"] = torch.from_numpy(images[rows])
        tensors[f"train_target_{number}.pt"] = torch.from_numpy(labels[rows])
    tensors["test_images.pt"] = torch.from_numpy(images[train:].copy())
    tensors["test_target.pt"] = torch.from_numpy(labels[train:].copy())
    return tensors


def write_corrupt_mnist(
    folder: str | Path, files: int = 5, train: int = TOTAL - TEST_SIZE, test: int = TEST_SIZE, seed: int = 0
) -> list[Path]:
    """Write the files of `corrupt_mnist_tensors` to the folder, made when absent; return their paths.

    `torch.load` reads them with `weights_only=True`, its default.
    """
    import torch

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, tensor in corrupt_mnist_tensors(files, train, test, seed).items():
        torch.save(tensor, folder / name)
        paths.append(folder / name)
    return paths


@lru_cache(maxsize=1)
def _all_digits() -> tuple[Images, Labels]:
    with np.load(Path(__file__).with_name("digits.npz")) as small:
        order = np.random.default_rng(_SPLIT_SEED).permutation(TOTAL)
        pixels = (small["images"][order] / 16).astype(np.float32)
        labels = small["labels"][order].astype(np.int64)
    steps = np.linspace(0, pixels.shape[1] - 1, IMAGE_SIZE)
    images = _bilinear(pixels, rows=steps[np.newaxis, :, np.newaxis], columns=steps[np.newaxis, np.newaxis, :])
    return images, labels


def _bilinear(images: Images, rows: np.ndarray, columns: np.ndarray) -> Images:
    """Sample each image at the given positions (in pixels, broadcast to [N, H, W]); outside of it all is 0."""
    rows, columns = np.broadcast_arrays(rows, columns)
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    height, width = padded.shape[1:]
    rows = np.clip(rows + 1, 0, height - 1)
    columns = np.clip(columns + 1, 0, width - 1)
    top = np.minimum(rows.astype(np.intp), height - 2)
    left = np.minimum(columns.astype(np.intp), width - 2)
    down, right = rows - top, columns - left
    image = np.arange(len(images))[:, np.newaxis, np.newaxis]
    above = padded[image, top, left] * (1 - right) + padded[image, top, left + 1] * right
    below = padded[image, top + 1, left] * (1 - right) + padded[image, top + 1, left + 1] * right
    sampled: Images = (above * (1 - down) + below * down).astype(np.float32)
    return sampled


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the corrupted digits to the folder that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m mlops_course.digits", description="Write the corrupted digits.")
    parser.add_argument("folder", type=Path, help="where the files go; made when absent")
    parser.add_argument("--files", type=int, default=5, help="pairs of training files (default: 5)")
    parser.add_argument("--seed", type=int, default=0, help="which digits, and how each is corrupted (default: 0)")
    options = parser.parse_args(arguments)
    try:
        paths = write_corrupt_mnist(options.folder, files=options.files, seed=options.seed)
    except ValueError as error:
        parser.error(str(error))
    print(f"{len(paths)} files written to {options.folder}")


if __name__ == "__main__":
    main()
