"""Images have no columns to compare: give them some."""

import numpy as np


def _describe(image):
    image = image.astype(float)
    down, across = np.gradient(image)
    return image.mean(), np.sqrt(((image - image.mean()) ** 2).mean()), (abs(down) + abs(across)).mean() / 2


def extract_features(images):
    table = np.empty((len(images), 3))
    for row, image in zip(table, images):
        row[:] = _describe(image)
    return table
