"""Second stage (given): python train.py PROCESSED MODEL METRICS fits a linear classifier and measures it."""

import json
import sys
from pathlib import Path

import numpy as np
import yaml


def train(processed: Path, model: Path, metrics: Path, steps: int, lr: float) -> None:
    """Take `steps` steps of gradient descent on the cross-entropy; write the weights, and the accuracy as JSON."""
    training, test = np.load(processed / "train.npz"), np.load(processed / "test.npz")
    images = training["images"].reshape(len(training["labels"]), -1)
    wanted = np.eye(10)[training["labels"]]
    weights = np.zeros((images.shape[1], 10))
    for _ in range(steps):
        scores = np.exp(images @ weights)
        probabilities = scores / scores.sum(axis=1, keepdims=True)
        weights += lr / len(images) * images.T @ (wanted - probabilities)
    predictions = (test["images"].reshape(len(test["labels"]), -1) @ weights).argmax(axis=1)

    model.parent.mkdir(parents=True, exist_ok=True)
    np.savez(model, weights=weights)
    accuracy = float((predictions == test["labels"]).mean())
    metrics.write_text(json.dumps({"accuracy": accuracy, "training_images": len(images)}))


if __name__ == "__main__":
    settings = yaml.safe_load(Path("params.yaml").read_text())["train"]
    train(*(Path(argument) for argument in sys.argv[1:4]), settings["steps"], settings["lr"])
