"""Describe a data set in Markdown: dataset_statistics.py [--data-dir DIR] [--base-dir DIR] [--output-dir DIR]."""

import argparse
from pathlib import Path
from typing import Any

import numpy as np


def dataset_statistics(images: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """Describe one split: images [N, H, W] and their labels [N].

    Returns:
        `images`, how many there are; `shape`, of one image, as the tuple (H, W); `mean` and `std` of all pixels;
        `classes`, a dict from each label that occurs to how often it does.
    """
    raise NotImplementedError("TODO: describe one split")


def images_in_both(train_images: np.ndarray, test_images: np.ndarray) -> int:
    """Return how many of the test images are among the training images, too, pixel by pixel."""
    raise NotImplementedError("TODO: count the test images that leaked")


def report(data_dir: Path, base_dir: Path | None, output_dir: Path) -> None:
    """Write `data_report.md` and `label_distribution.png`, about the data in `data_dir`, to `output_dir`.

    `base_dir` holds the data as they were before, when there is something to compare with.
    """
    raise NotImplementedError("TODO: write the report")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path, default=Path("data"))
    parser.add_argument("--base-dir", type=Path)
    parser.add_argument("--output-dir", type=Path, default=Path())
    report(**vars(parser.parse_args()))
