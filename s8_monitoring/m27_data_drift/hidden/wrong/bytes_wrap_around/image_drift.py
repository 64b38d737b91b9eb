"""Images have no columns to compare: give them some."""

import numpy as np


def extract_features(images: np.ndarray) -> np.ndarray:
    """Brightness, contrast and sharpness of each image: [N, H, W] to [N, 3]."""
    pixels = np.pad(images, ((0, 0), (1, 1), (1, 1)), mode="reflect", reflect_type="odd")
    down = np.abs(pixels[:, 2:, 1:-1] - pixels[:, :-2, 1:-1]) / 2
    across = np.abs(pixels[:, 1:-1, 2:] - pixels[:, 1:-1, :-2]) / 2
    slopes = np.stack([down, across])
    return np.stack([images.mean((1, 2)), images.std((1, 2)), slopes.mean((0, 2, 3))], axis=1)
