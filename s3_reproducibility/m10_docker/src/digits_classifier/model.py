"""Softmax regression."""

import numpy as np

CLASSES = 10


def logits(pixels: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return [N, 10] for pixels [N, D] and weights [D, 10]."""
    return pixels @ weights


def loss_and_gradient(pixels: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the mean cross-entropy and its gradient, [D, 10]."""
    scores = logits(pixels, weights)
    scores -= scores.max(axis=1, keepdims=True)
    probabilities = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    loss = -np.log(probabilities[np.arange(len(labels)), labels]).mean()
    probabilities[np.arange(len(labels)), labels] -= 1
    return float(loss), pixels.T @ probabilities / len(labels)
