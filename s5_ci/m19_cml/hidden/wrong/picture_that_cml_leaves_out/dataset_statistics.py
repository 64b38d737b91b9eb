"""Describe a data set in Markdown: dataset_statistics.py [--data-dir DIR] [--base-dir DIR] [--output-dir DIR]."""

import argparse
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

SPLITS = ("train", "test")


def dataset_statistics(images: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """Describe one split: images [N, H, W] and their labels [N]."""
    classes, counts = np.unique(labels, return_counts=True)
    return {
        "images": len(images),
        "shape": images.shape[1:],
        "mean": float(images.mean()),
        "std": float(images.std()),
        "classes": dict(zip(classes.tolist(), counts.tolist(), strict=True)),
    }


def images_in_both(train_images: np.ndarray, test_images: np.ndarray) -> int:
    """Return how many of the test images are among the training images, too, pixel by pixel."""
    seen = {image.tobytes() for image in train_images}
    return sum(image.tobytes() in seen for image in test_images)


def load(folder: Path) -> dict[str, dict[str, np.ndarray]]:
    """Return the arrays of both splits."""
    return {split: dict(np.load(folder / f"{split}.npz")) for split in SPLITS}


def row(*cells: object) -> str:
    """Return a row of a Markdown table."""
    return f"| {' | '.join(map(str, cells))} |"


def report(data_dir: Path, base_dir: Path | None, output_dir: Path) -> None:
    """Write `data_report.md` and `label_distribution.png`, about the data in `data_dir`, to `output_dir`."""
    data = load(data_dir)
    found = {split: dataset_statistics(data[split]["images"], data[split]["labels"]) for split in SPLITS}
    base = load(base_dir) if base_dir else None

    columns = ["split", "images", "shape", "mean", "std"] + (["change"] if base else [])
    lines = ["# Data", "", row(*columns), row(*["---"] * len(columns))]
    for split in SPLITS:
        height, width = found[split]["shape"]
        numbers = [f"{found[split]['mean']:.4f}", f"{found[split]['std']:.4f}"]
        change = [f"{found[split]['images'] - len(base[split]['images']):+d}"] if base else []
        lines.append(row(split, found[split]["images"], f"{height}x{width}", *numbers, *change))

    classes = sorted(found["train"]["classes"] | found["test"]["classes"])
    lines += ["", row("class", *SPLITS), row("---", "---", "---")]
    lines += [row(label, *(found[split]["classes"].get(label, 0) for split in SPLITS)) for label in classes]
    lines += ["", f"Images in both sets: {images_in_both(data['train']['images'], data['test']['images'])}"]
    lines += ["", "<img src='label_distribution.png' alt='Labels'>", ""]

    output_dir.mkdir(parents=True, exist_ok=True)
    (output_dir / "data_report.md").write_text("\n".join(lines))
    figure, axes = plt.subplots(ncols=2, sharex=True)
    for axis, split in zip(axes, SPLITS, strict=True):
        axis.bar([str(label) for label in classes], [found[split]["classes"].get(label, 0) for label in classes])
        axis.set_title(split)
    figure.savefig(output_dir / "label_distribution.png")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path, default=Path("data"))
    parser.add_argument("--base-dir", type=Path)
    parser.add_argument("--output-dir", type=Path, default=Path())
    report(**vars(parser.parse_args()))
