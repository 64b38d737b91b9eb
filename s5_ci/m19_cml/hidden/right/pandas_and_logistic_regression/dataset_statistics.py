import argparse
import os

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd


def dataset_statistics(images, labels):
    counts = pd.Series(labels).value_counts()
    _, height, width = images.shape
    return {
        "images": images.shape[0],
        "shape": (height, width),
        "mean": np.mean(images, dtype=np.float64).item(),
        "std": np.std(images, dtype=np.float64).item(),
        "classes": {int(label): int(count) for label, count in counts.items()},
    }


def images_in_both(train_images, test_images):
    first = train_images.reshape(len(train_images), -1)
    second = test_images.reshape(len(test_images), -1)
    return sum(bool((first == image).all(axis=1).any()) for image in second)


def markdown(frame):
    header = "| " + " | ".join(frame.columns) + " |\n|" + "|".join(":--" for _ in frame.columns) + "|\n"
    return header + "".join(
        "| " + " | ".join(str(cell) for cell in cells) + " |\n" for cells in frame.to_numpy().tolist()
    )


def report(data_dir, base_dir, output_dir):
    os.makedirs(output_dir, exist_ok=True)
    arrays = {split: np.load(os.path.join(data_dir, f"{split}.npz")) for split in ("train", "test")}
    found = {split: dataset_statistics(each["images"], each["labels"]) for split, each in arrays.items()}
    rows = []
    for split, statistics in found.items():
        row = {
            "split": split,
            "images": statistics["images"],
            "shape": "x".join(map(str, statistics["shape"])),
            "mean": round(statistics["mean"], 3),
            "std": round(statistics["std"], 3),
        }
        if base_dir is not None:
            before = len(np.load(os.path.join(base_dir, f"{split}.npz"))["labels"])
            row["change"] = f"{statistics['images'] - before:+}"
        rows.append(row)
    classes = pd.DataFrame({split: pd.Series(each["classes"]) for split, each in found.items()}).fillna(0).astype(int)
    both = images_in_both(arrays["train"]["images"], arrays["test"]["images"])
    classes.plot.bar()
    plt.savefig(os.path.join(output_dir, "label_distribution.png"))
    parts = [
        "## Splits\n",
        markdown(pd.DataFrame(rows)),
        "![labels](label_distribution.png)\n",
        "## Classes\n",
        markdown(classes.sort_index().reset_index(names="class")),
        f"Images in both sets: {both}\n",
    ]
    with open(os.path.join(output_dir, "data_report.md"), "w", encoding="utf-8") as file:
        file.write("\n".join(parts))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    for option, default in {"--data-dir": "data", "--base-dir": None, "--output-dir": "."}.items():
        parser.add_argument(option, default=default)
    report(**vars(parser.parse_args()))
