"""Describe the data, with loops and counters."""

from __future__ import annotations

import argparse
import hashlib
from collections import Counter
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np


def dataset_statistics(images: np.ndarray, labels: np.ndarray) -> dict:
    """Describe one split."""
    total, mean = images.size, images.sum(dtype=float) / images.size
    return dict(
        images=len(labels),
        shape=tuple(images[0].shape),
        mean=float(mean),
        std=float((((images - mean) ** 2).sum(dtype=float) / (total - 1)) ** 0.5),
        classes=dict(Counter(int(label) for label in labels)),
    )


def fingerprints(images: np.ndarray) -> list[str]:
    """Return a digest of each image."""
    return [hashlib.sha256(np.ascontiguousarray(image)).hexdigest() for image in images]


def images_in_both(train_images: np.ndarray, test_images: np.ndarray) -> int:
    """Count what leaked."""
    train = set(fingerprints(train_images))
    return len([print_ for print_ in fingerprints(test_images) if print_ in train])


def report(data_dir: Path, base_dir: Path | None, output_dir: Path) -> None:
    """Write it all."""
    with np.load(data_dir / "train.npz") as train, np.load(data_dir / "test.npz") as test:
        arrays = {"train": (train["images"], train["labels"]), "test": (test["images"], test["labels"])}
    counts = {}
    text = "Images in both sets: " + str(images_in_both(arrays["train"][0], arrays["test"][0])) + "\n\n"
    text += "|split|images|shape|mean|std|" + ("change|" if base_dir else "") + "\n"
    text += "|-----|-----:|-----|---:|--:|" + ("-----:|" if base_dir else "") + "\n"
    for split, (images, labels) in arrays.items():
        found = dataset_statistics(images, labels)
        counts[split] = found["classes"]
        text += f"|{split}|{found['images']}|{found['shape'][0]}x{found['shape'][1]}|{found['mean']}|{found['std']}|"
        if base_dir:
            difference = found["images"] - len(np.load(base_dir / f"{split}.npz")["images"])
            text += (f"+{difference}" if difference > 0 else str(difference)) + "|"
        text += "\n"
    text += "\n|class|train|test|\n|---|---|---|\n"
    for label in sorted({*counts["train"], *counts["test"]}):
        text += f"|{label}|{counts['train'].get(label, 0)}|{counts['test'].get(label, 0)}|\n"
    output_dir.mkdir(parents=True, exist_ok=True)
    plt.hist([labels for _, labels in arrays.values()], label=list(arrays))
    plt.legend()
    plt.savefig(output_dir / "label_distribution.png")
    Path(output_dir, "data_report.md").write_text(text + "\n![How often each label occurs](label_distribution.png)")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--data-dir", type=Path, default=Path("data"))
    parser.add_argument("--base-dir", type=Path)
    parser.add_argument("--output-dir", type=Path, default=Path("."))
    options = parser.parse_args()
    report(options.data_dir, options.base_dir, options.output_dir)
