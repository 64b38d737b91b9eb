"""Images have no columns to compare: give them some."""

import numpy as np


def extract_features(images: np.ndarray) -> np.ndarray:
    pixels = np.asarray(images, dtype=np.float64)
    slopes = np.stack(np.gradient(pixels, axis=(-2, -1))) if len(pixels) else np.zeros((2, *pixels.shape))
    where = (-2, -1)
    return np.column_stack([pixels.mean(where), pixels.std(where), np.abs(slopes).mean((0, 2, 3))])
