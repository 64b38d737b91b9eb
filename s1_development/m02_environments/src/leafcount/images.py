"""Read photographs and find the leaves on them."""

from pathlib import Path

import cv2
import numpy as np
from PIL import Image


def read_image(path: Path) -> np.ndarray:
    """A photograph as an array [height, width, 3] of 8-bit values."""
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def leaf_areas(image: np.ndarray) -> list[float]:
    """Areas in pixels of the green regions of a photograph, the largest first."""
    hue = cv2.cvtColor(image, cv2.COLOR_RGB2HSV)[..., 0]
    mask = ((hue > 35) & (hue < 85)).astype(np.uint8)
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    return sorted((float(cv2.contourArea(contour)) for contour in contours), reverse=True)
