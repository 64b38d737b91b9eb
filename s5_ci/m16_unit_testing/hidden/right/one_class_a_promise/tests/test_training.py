"""The real model throughout, without dropout, and a twin that is trained by hand."""

from copy import deepcopy

import pytest
import torch
import torch.nn.functional as F
from digit_classifier.model import DigitClassifier
from digit_classifier.train import accuracy, train, train_one_epoch
from torch.utils.data import TensorDataset


def digits(count=5):
    images = torch.rand(count, 1, 28, 28, generator=torch.Generator().manual_seed(count))
    return images, torch.arange(count) % 10


def uneven():
    images, target = digits()
    return [(images[:4], target[:4]), (images[4:], target[4:])]


class TestEpoch:
    def setup_method(self):
        torch.manual_seed(21)
        self.network = DigitClassifier(dropout=0.0)
        self.twin = deepcopy(self.network)

    def test_promises_13_and_14(self):
        train_one_epoch(self.network, uneven(), torch.optim.SGD(self.network.parameters(), lr=0.2))
        for images, target in uneven():
            weights = list(self.twin.parameters())
            gradients = torch.autograd.grad(F.cross_entropy(self.twin(images), target), weights)
            with torch.no_grad():
                for weight, gradient in zip(weights, gradients):
                    weight.sub_(0.2 * gradient)
        for got, wanted in zip(self.network.parameters(), self.twin.parameters()):
            assert torch.allclose(got, wanted, atol=1e-6)

    def test_promise_15(self):
        images, target = digits()
        with torch.no_grad():
            # An image of its own kind in the last batch, so that it weighs differently.
            images[4] = 30.0
        batches = [(images[:4], target[:4]), (images[4:], target[4:])]
        wanted = F.cross_entropy(self.twin(images), target).item()
        got = train_one_epoch(self.network, batches, torch.optim.SGD(self.network.parameters(), lr=0.0))
        assert got == pytest.approx(wanted, rel=1e-4)

    def test_promise_16(self):
        seen = []
        self.network.eval().register_forward_pre_hook(lambda module, _: seen.append(module.training))
        train_one_epoch(self.network, uneven(), torch.optim.SGD(self.network.parameters(), lr=0.1))
        assert seen and all(seen)


class TestAccuracy:
    @pytest.mark.parametrize("training", [True, False])
    def test_promises_17_and_18(self, training):
        network = DigitClassifier(dropout=0.9).train(training)
        images, _ = digits()
        with torch.no_grad():
            answers = deepcopy(network).eval()(images).argmax(1)
        target = answers.clone()
        target[4] = (target[4] + 1) % 10
        seen = []
        network.register_forward_pre_hook(lambda module, _: seen.append(module.training))
        got = accuracy(network, [(images[:4], target[:4]), (images[4:], target[4:])])
        assert got == pytest.approx(0.8)
        assert not any(seen)
        assert network.training is training


class TestTrain:
    def weights(self, seed):
        network = train(TensorDataset(*digits(6)), epochs=1, batch_size=4, seed=seed)
        return torch.nn.utils.parameters_to_vector(network.parameters())

    def test_promise_19(self):
        assert self.weights(1).equal(self.weights(1))
        assert not self.weights(1).equal(self.weights(2))

    @pytest.mark.parametrize("lr", [0, -1])
    def test_promise_20(self, lr):
        with pytest.raises(ValueError):
            train(TensorDataset(*digits(4)), lr=lr)
