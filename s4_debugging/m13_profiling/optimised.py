"""The loader of slow_loader.py, fast."""

from pathlib import Path

import torch


def load(folder: str | Path, batch_size: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Return the same batches as `slow_loader.load`, with hardly any Python per image."""
    raise NotImplementedError("TODO: load the batches without a loop over pixels")
