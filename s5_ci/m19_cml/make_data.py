"""Make data to play with (given): python make_data.py [FOLDER] writes train.npz and test.npz."""

import sys
from pathlib import Path

import numpy as np

from mlops_course.digits import load_digits


def make_data(folder: Path) -> None:
    """Write the digits: images float32 [N, 28, 28], labels int64 [N]."""
    folder.mkdir(parents=True, exist_ok=True)
    for split in ("train", "test"):
        images, labels = load_digits(split)
        np.savez_compressed(folder / f"{split}.npz", images=images, labels=labels)


if __name__ == "__main__":
    make_data(Path(sys.argv[1] if len(sys.argv) > 1 else "data"))
