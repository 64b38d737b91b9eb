"""A nearest-neighbour classifier of irises, kept as JSON: no pickle, so that loading it runs nobody's code. Given."""

import json
from collections import Counter
from pathlib import Path

import numpy as np


class NearestNeighbours:
    """The most frequent label among the `k` rows nearest to a flower."""

    def __init__(self, features: list[list[float]], labels: list[str], k: int) -> None:
        self.features = np.array(features, dtype=float)
        self.labels = labels
        self.k = k

    @classmethod
    def from_file(cls, path: str | Path) -> "NearestNeighbours":
        """Read the JSON that `k`, `features` and `labels` are kept in."""
        return cls(**json.loads(Path(path).read_text(encoding="utf-8")))

    def predict(self, flower: list[float]) -> str:
        """The label for sepal length, sepal width, petal length, petal width, in cm."""
        distances = np.linalg.norm(self.features - np.array(flower, dtype=float), axis=1)
        nearest = [self.labels[row] for row in np.argsort(distances, kind="stable")[: self.k]]
        return Counter(nearest).most_common(1)[0][0]
