"""First stage (given): python prepare.py RAW PROCESSED reads every file in RAW and writes train.npz and test.npz."""

import sys
from pathlib import Path

import numpy as np
import yaml


def prepare(raw: Path, processed: Path, test_every: int) -> None:
    """Scale all images to [0, 1] and put every `test_every`-th of them into the test set."""
    parts = [np.load(path) for path in sorted(raw.glob("*.npz"))]
    images = np.concatenate([part["images"] for part in parts]).astype(np.float32) / 255
    labels = np.concatenate([part["labels"] for part in parts])
    test = np.arange(len(labels)) % test_every == 0
    processed.mkdir(parents=True, exist_ok=True)
    np.savez(processed / "train.npz", images=images[~test], labels=labels[~test])
    np.savez(processed / "test.npz", images=images[test], labels=labels[test])


if __name__ == "__main__":
    prepare(
        Path(sys.argv[1]), Path(sys.argv[2]), yaml.safe_load(Path("params.yaml").read_text())["prepare"]["test_every"]
    )
