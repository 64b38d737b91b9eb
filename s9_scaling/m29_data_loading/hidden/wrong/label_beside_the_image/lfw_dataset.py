"""Faces in the wild: a folder of images as a data set, in batches, on the clock."""

import statistics
import time
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from typing import Annotated

import torch
import typer
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from transforms import to_small_tensor

SUFFIXES = (".jpg", ".jpeg", ".png")


class LFWDataset(Dataset[Tensor]):
    """All images of a folder and the folders in it, in the order of their paths."""

    def __init__(self, path_to_folder: str, transform: Callable[[Image.Image], Tensor]) -> None:
        files = Path(path_to_folder).rglob("*")
        self.paths = sorted(path for path in files if path.suffix.lower() in SUFFIXES and path.is_file())
        if not self.paths:
            raise FileNotFoundError(f"there are no images in {path_to_folder}")
        self.transform = transform

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> Tensor:
        try:
            image = Image.open(self.paths[index]).convert("RGB")
        except OSError as error:  # Pillow's UnidentifiedImageError is one
            raise ValueError(f"{self.paths[index]} cannot be read as an image") from error
        return self.transform(image), self.paths[index].parent.name


def make_loader(dataset: Dataset[Tensor], batch_size: int, num_workers: int = 0, seed: int = 0) -> DataLoader[Tensor]:
    """Batches of all images in a shuffled order that depends on `seed` and nothing else; the last may be smaller."""
    # The generator gives the order, and the seeds from which torch seeds random, numpy and itself in each worker.
    generator = torch.Generator().manual_seed(seed)
    return DataLoader(dataset, batch_size, shuffle=True, num_workers=num_workers, generator=generator)


def time_loader(
    loader: Iterable[Tensor],
    batches_to_check: int = 100,
    repeats: int = 5,
    clock: Callable[[], float] = time.perf_counter,
) -> tuple[float, float]:
    """How long it takes to start the loader and to get the first `batches_to_check` batches from it."""
    durations = []
    for _ in range(1 + repeats):
        start = clock()
        for _ in islice(loader, batches_to_check):
            pass
        durations.append(clock() - start)
    counted = durations[1:]
    return statistics.mean(counted), statistics.stdev(counted)


def main(
    path_to_folder: str,
    batch_size: Annotated[int, typer.Option(help="Images in a batch.")] = 16,
    num_workers: Annotated[int, typer.Option(help="Processes that load.")] = 0,
    get_timing: Annotated[bool, typer.Option(help="Measure the loader.")] = False,
    batches_to_check: Annotated[int, typer.Option(help="Batches in each measured pass.")] = 100,
) -> None:
    """Say what is in a folder of images, and how fast it loads."""
    dataset = LFWDataset(path_to_folder, to_small_tensor)
    loader = make_loader(dataset, batch_size, num_workers)
    print(f"Images: {len(dataset)}, batches: {len(loader)}")
    if get_timing:
        mean, deviation = time_loader(loader, batches_to_check)
        print(f"Timing: {mean:.6f} +- {deviation:.6f}")


if __name__ == "__main__":
    typer.run(main)
