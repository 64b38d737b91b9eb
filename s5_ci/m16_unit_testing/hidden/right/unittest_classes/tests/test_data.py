import tempfile
import unittest
from pathlib import Path

import torch
from digit_classifier import data

HERE = Path("data/processed").is_dir()


@unittest.skipUnless(HERE, "no digits in data/processed")
class TestDigits(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.train, cls.test = data.corrupt_mnist()

    def test_lengths(self):
        self.assertEqual(len(self.train), 1500)
        self.assertEqual(len(self.test), 297)

    def test_item_types(self):
        for dataset in (self.train, self.test):
            for index in range(0, len(dataset), 50):
                image, target = dataset[index]
                self.assertEqual(list(image.shape), [1, 28, 28])
                self.assertIs(image.dtype, torch.float32)
                self.assertIs(target.dtype, torch.int64)

    def test_all_classes(self):
        for dataset in (self.train, self.test):
            seen = {int(target) for _, target in dataset}
            self.assertSetEqual(seen, set(range(10)))

    def test_statistics(self):
        pixels = torch.stack([image for image, _ in self.train])
        self.assertAlmostEqual(pixels.mean().item(), 0.0, places=3)
        self.assertAlmostEqual(pixels.std().item(), 1.0, places=3)


class TestWithoutDigits(unittest.TestCase):
    def test_folder_without_files(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertRaises(FileNotFoundError, data.corrupt_mnist, folder)

    def test_normalize(self):
        out = data.normalize(torch.full((2, 2), 7.0), 1.0, 4.0)
        self.assertTrue(torch.allclose(out, torch.full((2, 2), 1.5)))
