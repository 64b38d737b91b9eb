"""Load digits as normalised batches, slowly. Given: correct, readable, and a waste of time. Do not change this file.

python slow_loader.py      # loads 200 digits, and says how long that took
"""

import tempfile
import time
from pathlib import Path

import torch


def number_of_images(folder: Path) -> int:
    return len(torch.load(folder / "targets.pt"))


def read_image(folder: Path, index: int) -> torch.Tensor:
    return torch.load(folder / "images.pt")[index]


def read_target(folder: Path, index: int) -> torch.Tensor:
    return torch.load(folder / "targets.pt")[index]


def pixels(image: torch.Tensor) -> list[float]:
    """Return the values of an image, row by row."""
    values = []
    for row in range(image.shape[0]):
        for column in range(image.shape[1]):
            values.append(image[row, column].item())
    return values


def is_blank(image: torch.Tensor) -> bool:
    return all(value == 0 for value in pixels(image))


def mean_and_std(images: list[torch.Tensor]) -> tuple[float, float]:
    """Return the mean of all pixels of all images, and the root of their mean squared distance from it."""
    total, count = 0.0, 0
    for image in images:
        for value in pixels(image):
            total += value
            count += 1
    mean = total / count
    squares = 0.0
    for image in images:
        for value in pixels(image):
            squares += (value - mean) ** 2
    return mean, (squares / count) ** 0.5


def normalise(image: torch.Tensor, mean: float, std: float) -> torch.Tensor:
    """Return the image as float32 [1, 1, height, width] with the mean taken off, divided by the standard deviation."""
    normalised = torch.zeros(1, 1, *image.shape)
    for row in range(image.shape[0]):
        for column in range(image.shape[1]):
            normalised[0, 0, row, column] = (image[row, column].item() - mean) / std
    return normalised


def load(folder: str | Path, batch_size: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Read `images.pt`, uint8 [N, height, width], and `targets.pt`, int64 [N], and return batches in that order.

    Images in which every pixel is 0 are left out, with their targets. The others are normalised by the mean and the
    standard deviation of all their pixels together.

    Returns:
        Pairs of images, float32 [B, 1, height, width], and targets, int64 [B]. B is the batch size, or what is left in
        the last batch.
    """
    folder = Path(folder)
    images, targets = [], []
    for index in range(number_of_images(folder)):
        image = read_image(folder, index)
        if not is_blank(image):
            images.append(image)
            targets.append(read_target(folder, index))
    mean, std = mean_and_std(images)
    batches: list[tuple[torch.Tensor, torch.Tensor]] = []
    for image, target in zip(images, targets, strict=True):
        one = normalise(image, mean, std), target.reshape(1)
        if batches and len(batches[-1][1]) < batch_size:
            batches[-1] = (torch.cat([batches[-1][0], one[0]]), torch.cat([batches[-1][1], one[1]]))
        else:
            batches.append(one)
    return batches


if __name__ == "__main__":
    from mlops_course.digits import load_digits

    digits, labels = load_digits("test")
    with tempfile.TemporaryDirectory() as temporary:
        torch.save(torch.from_numpy(digits[:200] * 255).to(torch.uint8), Path(temporary, "images.pt"))
        torch.save(torch.from_numpy(labels[:200]), Path(temporary, "targets.pt"))
        start = time.perf_counter()
        load(temporary, batch_size=32)
        print(f"{time.perf_counter() - start:.2f} s")
