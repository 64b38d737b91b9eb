"""Statistics of both splits, as aligned tables."""

import argparse
import os
from collections import Counter

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt
import numpy as np


def dataset_statistics(images, labels):
    return {
        "images": images.shape[0],
        "shape": tuple(images.shape[1:]),
        "mean": images.mean(dtype="float64"),
        "std": images.std(dtype="float64"),
        "classes": Counter(map(int, labels)),
    }


def images_in_both(train_images, test_images):
    flat = train_images.reshape(len(train_images), -1)
    return int(sum((flat == image.ravel()).all(axis=1).any() for image in test_images))


def markdown(columns, rows):
    widths = [max(len(str(line[place])) for line in [columns, *rows]) for place in range(len(columns))]
    ends = [":" + "-" * (widths[0] + 1), *("-" * (width + 1) + ":" for width in widths[1:])]
    lines = [" | ".join(str(cell).ljust(width) for cell, width in zip(line, widths)) for line in [columns, *rows]]
    return "\n".join([lines[0], "|".join(ends), *lines[1:]])  # no bars at the ends: they may be left out


def main():
    parser = argparse.ArgumentParser()
    for name, default in (("--data-dir", "data"), ("--base-dir", None), ("--output-dir", ".")):
        parser.add_argument(name, default=default)
    given = parser.parse_args()
    now, before = (
        {split: np.load(os.path.join(folder, f"{split}.npz")) for split in ("train", "test")} if folder else {}
        for folder in (given.data_dir, given.base_dir)
    )
    found = {split: dataset_statistics(arrays["images"], arrays["labels"]) for split, arrays in now.items()}
    columns, rows = ["Split", "Images", "Shape", "Mean", "Std"], []
    for split, each in found.items():
        height, width = each["shape"]
        rows.append([split, each["images"], f"{height} x {width}", round(each["mean"], 5), f"{each['std']:.3f}"])
        if before:
            rows[-1].append(format(each["images"] - len(before[split]["labels"]), "+"))
    if before:
        columns.append("Change")
    labels = sorted(found["train"]["classes"] + found["test"]["classes"])
    counts = [[label, found["train"]["classes"][label], found["test"]["classes"][label]] for label in labels]
    os.makedirs(given.output_dir, exist_ok=True)
    plt.bar(labels, [count for _, count, _ in counts], label="train")
    plt.bar(labels, [count for *_, count in counts], label="test")
    plt.legend()
    plt.savefig(os.path.join(given.output_dir, "label_distribution.png"))
    leaked = images_in_both(now["train"]["images"], now["test"]["images"])
    with open(os.path.join(given.output_dir, "data_report.md"), "w") as file:
        print("## The data\n", file=file)
        print(markdown(columns, rows), file=file)
        print("\n## The classes\n", file=file)
        print(markdown(["Class", "Train", "Test"], counts), file=file)
        print(f"\nImages in both sets: **{leaked}**\n\n![labels]\n\n[labels]: <label_distribution.png>", file=file)


if __name__ == "__main__":
    main()
