"""Nearest mean of a class, in numpy alone."""

import sys
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from sklearn import metrics


def option(name: str, default: str) -> Path:
    words = sys.argv[1:]
    return Path(words[words.index(name) + 1] if name in words else default)


def nearest(train, labels, test):
    classes = np.unique(labels)
    centres = np.stack([train[labels == label].mean(axis=0).ravel() for label in classes])
    distances = ((test.reshape(len(test), 1, -1) - centres) ** 2).sum(axis=-1)
    return classes[distances.argmin(axis=1)]


data, out = option("--data-dir", "data"), option("--output-dir", ".")
out.mkdir(parents=True, exist_ok=True)
with np.load(data / "train.npz") as train, np.load(data / "test.npz") as test:
    target = test["labels"]
    prediction = nearest(train["images"], train["labels"], test["images"])
rows = [f"{int(t)},{int(p)}\n" for t, p in zip(target, prediction)]
(out / "predictions.csv").write_text("target,prediction\n" + "".join(rows))
figure = Figure()
metrics.ConfusionMatrixDisplay.from_predictions(target, prediction, ax=figure.subplots(), colorbar=False)
figure.savefig(out / "confusion_matrix.png")
indented = metrics.classification_report(target, prediction, zero_division=0, digits=2).replace("\n", "\n    ")
accuracy = metrics.accuracy_score(target, prediction)
(out / "report.md").write_text(
    f"- Test accuracy: {accuracy:.5f}\n\nBy class:\n\n    {indented}\n\n"
    '<p align="center"><img alt="matrix" width=400 src="./confusion_matrix.png"></p>\n'
)
