"""Make raw data to play with (given): python make_data.py FOLDER FIRST LAST writes digits FIRST to LAST, 100 a file."""

import argparse
from pathlib import Path

import numpy as np

from mlops_course.digits import load_digits


def make_data(folder: Path, first: int, last: int) -> None:
    """Write the digits as files digits_0000.npz and so on: images uint8 [N, 28, 28], labels int64 [N]."""
    images, labels = load_digits()
    folder.mkdir(parents=True, exist_ok=True)
    for start in range(first, last, 100):
        rows = slice(start, min(start + 100, last))
        pixels = (images[rows] * 255).astype(np.uint8)
        np.savez(folder / f"digits_{start:04}.npz", images=pixels, labels=labels[rows])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("first", type=int)
    parser.add_argument("last", type=int)
    make_data(**vars(parser.parse_args()))
