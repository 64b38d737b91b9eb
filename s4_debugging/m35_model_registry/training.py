"""Given: a small training to track. Softmax regression on digits, in numpy.

python training.py digits.npz      # writes the data
"""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from mlops_course.digits import load_digits

TRAIN, VALIDATION, TEST = 400, 100, 100


class Trained(NamedTuple):
    """What a training gives back."""

    weights: dict[str, np.ndarray]
    test_acc: float
    """Accuracy, from 0 to 1, on images that no decision was based on."""


Report = Callable[[int, float], None]
"""A training calls it with a step's number and the accuracy on the validation images."""
Train = Callable[[Mapping[str, Any], Report], Trained]


def trainer(data: str | Path) -> Train:
    """Return a training on the digits of an .npz file. Its parameters: `lr` and `epochs`."""
    with np.load(data) as arrays:
        images, labels = arrays["images"], arrays["labels"]
    parts = np.split(np.arange(len(images)), [TRAIN, TRAIN + VALIDATION])
    train, validation, test = ((images[rows], labels[rows]) for rows in parts)

    def run(params: Mapping[str, Any], report: Report) -> Trained:
        if params["lr"] <= 0:
            raise ValueError(f"lr is {params['lr']} and must be above 0")
        weights = {"w": np.zeros((images.shape[1], 10)), "b": np.zeros(10)}
        for epoch in range(params["epochs"]):
            update(weights, *train, params["lr"])
            report(epoch, accuracy(weights, *validation))
        return Trained(weights, accuracy(weights, *test))

    return run


def update(weights: dict[str, np.ndarray], images: np.ndarray, labels: np.ndarray, lr: float) -> None:
    """One step of gradient descent on the mean cross-entropy of all images."""
    logits = images @ weights["w"] + weights["b"]
    error = np.exp(logits - logits.max(1, keepdims=True))
    error /= error.sum(1, keepdims=True)
    error[np.arange(len(labels)), labels] -= 1
    weights["w"] -= lr * images.T @ error / len(labels)
    weights["b"] -= lr * error.mean(0)


def accuracy(weights: dict[str, np.ndarray], images: np.ndarray, labels: np.ndarray) -> float:
    return float(((images @ weights["w"] + weights["b"]).argmax(1) == labels).mean())


def write_data(path: str | Path) -> None:
    """Write 600 digits of 14x14 pixels, float32 [600, 196], and their labels."""
    images, labels = load_digits()
    count = TRAIN + VALIDATION + TEST
    np.savez(path, images=images[:count, ::2, ::2].reshape(count, -1), labels=labels[:count])


if __name__ == "__main__":
    write_data(sys.argv[1] if len(sys.argv) > 1 else "digits.npz")
