"""What can be done to an image before it is handed to a network. Given: use it or write your own."""

import numpy as np
import torch
from PIL import Image
from torch import Tensor


def to_tensor(image: Image.Image) -> Tensor:
    """An image as floats between 0 and 1: [3, H, W] in colour, [1, H, W] in grey."""
    pixels = np.array(image)
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    return torch.from_numpy(pixels).permute(2, 0, 1).float() / 255


def to_small_tensor(image: Image.Image) -> Tensor:
    """The same at 64 by 64 pixels, so that images of all sizes fit into one batch."""
    return to_tensor(image.resize((64, 64)))
