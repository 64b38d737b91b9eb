"""The data, looked at without the package."""

from pathlib import Path

import pytest
import torch

DATA = Path("data/processed")


@pytest.mark.skipif(not DATA.exists(), reason="the data are not here")
def test_sizes() -> None:
    """1,500 images for training, 297 for test."""
    assert sum(len(torch.load(path)) for path in DATA.glob("train_images_*.pt")) == 1500
    assert len(torch.load(DATA / "test_images.pt")) == 297


def test_nothing_in_an_empty_folder(tmp_path: Path) -> None:
    """An empty folder holds no images."""
    assert list(tmp_path.glob("train_images_*.pt")) == []
