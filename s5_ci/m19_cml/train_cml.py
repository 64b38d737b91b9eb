"""Train a classifier of digits and report how good it is: train_cml.py [--data-dir DIR] [--output-dir DIR]."""

import argparse
from pathlib import Path


def train(data_dir: Path, output_dir: Path) -> None:
    """Train on `train.npz`, predict `test.npz`, and write what came of it.

    Reads images [N, H, W] and labels [N] from the two files in `data_dir`. Writes `predictions.csv` (columns target and
    prediction, a row for each test image), `confusion_matrix.png` and `report.md` to `output_dir`.
    """
    raise NotImplementedError("TODO: train, predict, report")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path, default=Path("data"))
    parser.add_argument("--output-dir", type=Path, default=Path())
    train(**vars(parser.parse_args()))
