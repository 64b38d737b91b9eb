import numpy as np


def extract_features(images):
    features = np.zeros((len(images), 3))
    for i, image in enumerate(images):
        image = np.asarray(image, dtype=np.float64)
        down, across = np.gradient(image)
        features[i] = image.mean(), image.std(), (np.abs(down).mean() + np.abs(across).mean()) / 2
    return features
