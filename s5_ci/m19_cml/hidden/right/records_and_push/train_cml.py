"""Train a support vector machine, report on it."""

from __future__ import annotations

import argparse
import csv
from dataclasses import dataclass
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn import metrics
from sklearn.svm import SVC


@dataclass(frozen=True)
class Result:
    """What is known after prediction."""

    target: np.ndarray
    prediction: np.ndarray

    def write_predictions(self, path: Path) -> None:
        """Write both columns."""
        with path.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["target", "prediction"])
            writer.writerows(zip(self.target.tolist(), self.prediction.tolist(), strict=True))

    def write_picture(self, path: Path) -> None:
        """Draw the confusion matrix."""
        matrix = metrics.confusion_matrix(self.target, self.prediction)
        figure, axes = plt.subplots(figsize=(4, 4))
        axes.imshow(matrix)
        for (row, column), count in np.ndenumerate(matrix):
            axes.text(column, row, str(count), ha="center")
        figure.savefig(path)

    def markdown(self, picture: str) -> str:
        """Return the report."""
        table = metrics.classification_report(self.target, self.prediction, zero_division=0)
        share = np.mean(self.target == self.prediction)
        return f"# Report\nTest accuracy: {share}\n\n```\n{table}```\n<!-- the picture -->\n![matrix]({picture})\n"


def run(data: Path) -> Result:
    """Fit and predict."""
    splits = {name: np.load(data / f"{name}.npz") for name in ("train", "test")}
    images = {name: split["images"].reshape(len(split["labels"]), -1) for name, split in splits.items()}
    return Result(
        splits["test"]["labels"], SVC().fit(images["train"], splits["train"]["labels"]).predict(images["test"])
    )


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data-dir", type=Path, default="data")
    parser.add_argument("--output-dir", type=Path, default=".")
    options = parser.parse_args()
    options.output_dir.mkdir(parents=True, exist_ok=True)
    result = run(options.data_dir)
    result.write_predictions(options.output_dir / "predictions.csv")
    result.write_picture(options.output_dir / "confusion_matrix.png")
    (options.output_dir / "report.md").write_text(result.markdown("confusion_matrix.png"))


if __name__ == "__main__":
    main()
