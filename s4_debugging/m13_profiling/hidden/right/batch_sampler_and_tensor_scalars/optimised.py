"""The loader, with torch's own DataLoader: the sampler hands whole lists of indices to the dataset."""
import os

import torch
from torch.utils.data import BatchSampler, DataLoader, SequentialSampler, TensorDataset


def _pt(folder, name):
    with open(os.path.join(folder, name), "rb") as file:
        return torch.load(file, weights_only=True)


def load(folder, batch_size):
    images = _pt(folder, "images.pt")
    keep = images.flatten(start_dim=1).amax(dim=1) > 0
    images = images[keep].double()
    std, mean = torch.std_mean(images, correction=0)
    dataset = TensorDataset(images.sub_(mean).div_(std).float().unsqueeze(1), _pt(folder, "targets.pt")[keep])
    order = BatchSampler(SequentialSampler(dataset), batch_size, drop_last=False)
    return list(DataLoader(dataset, sampler=order, batch_size=None))
