"""Grouped in classes; the data are wanted by a mark on the whole class."""

import os

import pytest
import torch
from digit_classifier import data

here = os.path.isdir("data/processed") and len(os.listdir("data/processed")) > 0


@pytest.mark.skipif(not here, reason="data/processed is empty")
class TestDigits:
    @classmethod
    def setup_class(cls):
        cls.train, cls.test = data.corrupt_mnist()

    def test_promise_1(self):
        assert {"train": len(self.train), "test": len(self.test)} == {"train": 1500, "test": 297}

    def test_promise_2(self):
        for split in self.train, self.test:
            images = [split[place][0] for place in range(0, len(split), 99)]
            assert {image.shape for image in images} == {torch.Size([1, 28, 28])}
            assert {image.dtype for image in images} == {torch.float}

    def test_promise_3(self):
        for split in self.train, self.test:
            targets = [split[place][1] for place in range(len(split))]
            assert {target.dtype for target in targets} == {torch.long}
            assert {target.item() for target in targets} == {*range(10)}

    def test_promise_4(self):
        images = torch.cat([image for image, _ in self.train])
        assert -1e-3 < images.mean() < 1e-3
        assert 0.999 < images.std() < 1.001


class TestWithoutDigits:
    def test_promise_5(self):
        got = data.normalize(torch.tensor([[0.25, 0.75]]), 0.25, 0.5)
        assert got.tolist() == [[0.0, 1.0]]

    def test_promise_6(self, tmp_path):
        try:
            data.corrupt_mnist(tmp_path / "nowhere")
        except FileNotFoundError:
            return
        assert False, "no FileNotFoundError for a folder without images"
