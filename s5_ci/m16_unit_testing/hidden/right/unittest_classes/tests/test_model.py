import unittest

import torch
from digit_classifier.model import DigitClassifier


class TestModel(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(11)
        self.model = DigitClassifier(hidden=8)
        self.images = torch.randn(6, 1, 28, 28)

    def test_batches_of_every_size(self):
        for size in (1, 2, 6):
            with self.subTest(size=size):
                self.assertEqual(tuple(self.model(self.images[:size]).size()), (size, 10))

    def test_bad_input(self):
        for bad in (self.images[0], torch.zeros(2, 28, 28, 1), torch.zeros(4, 3, 28, 28), torch.zeros(784)):
            with self.assertRaises(ValueError):
                self.model(bad)

    def test_logits(self):
        out = self.model(self.images)
        self.assertTrue((out < 0).any())

    def test_repeatable(self):
        self.model.eval()
        first = self.model(self.images)
        self.assertTrue(torch.equal(first, self.model(self.images)))

    def test_gradients(self):
        torch.nn.functional.cross_entropy(self.model(self.images), torch.arange(6)).backward()
        norms = [0.0 if p.grad is None else float(p.grad.norm()) for p in self.model.parameters()]
        self.assertGreater(min(norms), 0.0)
