import os

import torch
from torch.utils.data import DataLoader, TensorDataset


def load(folder, batch_size):
    images = torch.load(os.path.join(folder, "images.pt"))
    targets = torch.load(os.path.join(folder, "targets.pt"))
    keep = torch.nonzero(images.amax(dim=(1, 2))).flatten()
    images, targets = images[keep].to(torch.float64)[:, None], targets[keep]
    images -= images.mean()
    images /= images.square().mean().sqrt()
    return list(DataLoader(TensorDataset(images.to(torch.float32), targets), batch_size=batch_size, shuffle=False))
