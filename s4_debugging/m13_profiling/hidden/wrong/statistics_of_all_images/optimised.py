"""The loader of slow_loader.py, fast."""

from pathlib import Path

import torch


def load(folder: str | Path, batch_size: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Return the same batches as `slow_loader.load`, without a Python loop over images or pixels."""
    images, targets = torch.load(Path(folder, "images.pt")), torch.load(Path(folder, "targets.pt"))
    kept = (images > 0).flatten(1).any(dim=1)
    pixels = images.double()
    normalised = ((pixels - pixels.mean()) / pixels.std(correction=0)).float().unsqueeze(1)[kept]
    return list(zip(normalised.split(batch_size), targets[kept].split(batch_size)))
