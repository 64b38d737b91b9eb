"""Images have no columns to compare: give them some."""

import numpy as np


def extract_features(images: np.ndarray) -> np.ndarray:
    """Brightness, contrast and sharpness of each image: [N, H, W] to [N, 3]."""
    pixels = images.astype(float)
    slopes = np.abs(np.gradient(pixels, axis=(1, 2)))
    return np.stack([pixels.mean((1, 2)), pixels.std((1, 2)), slopes.mean((0, 2, 3))], axis=1)
