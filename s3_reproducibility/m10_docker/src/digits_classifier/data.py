"""Digits from `digits_train.npz` and `digits_test.npz`, one row of pixels each."""

from pathlib import Path

import numpy as np


def load(folder: Path, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Return pixels, float [N, D], and labels, int [N]."""
    with np.load(folder / f"digits_{split}.npz") as arrays:
        return arrays["images"].reshape(len(arrays["images"]), -1), arrays["labels"]
