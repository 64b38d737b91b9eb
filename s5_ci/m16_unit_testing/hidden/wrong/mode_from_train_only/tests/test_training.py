import copy
import math

import pytest
import torch
from digit_classifier.model import DigitClassifier
from digit_classifier.train import accuracy, train, train_one_epoch
from torch.nn.functional import cross_entropy
from torch.optim import SGD
from torch.utils.data import TensorDataset


def digits(n, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(n, 1, 28, 28, generator=generator), torch.arange(n) % 10


def weights(model):
    return torch.cat([p.detach().flatten() for p in model.parameters()])


def test_13_parameters_change():
    model = DigitClassifier()
    before = copy.deepcopy(model.state_dict())
    train_one_epoch(model, [digits(20)], SGD(model.parameters(), lr=0.1))
    assert not [name for name, p in model.state_dict().items() if torch.equal(p, before[name])]


def test_14_own_gradients():
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(784, 10))
    twin = copy.deepcopy(model)
    batches = [digits(6, 1), digits(3, 2), digits(5, 3)]
    train_one_epoch(model, batches, SGD(model.parameters(), lr=0.05))
    for images, targets in batches:
        gradients = torch.autograd.grad(cross_entropy(twin(images), targets), list(twin.parameters()))
        with torch.no_grad():
            for parameter, gradient in zip(twin.parameters(), gradients, strict=True):
                parameter -= 0.05 * gradient
    torch.testing.assert_close(weights(model), weights(twin))


def test_15_loss(spy, four_and_one):
    by_hand = [math.log(math.exp(size) + 9) - size * (size < 5) for size in range(1, 6)]
    loss = train_one_epoch(spy, four_and_one, SGD(spy.parameters(), lr=0.0))
    assert loss == pytest.approx(sum(by_hand) / 5, rel=1e-5)


@pytest.mark.parametrize("came", [True, False])
def test_16_train_mode(spy, four_and_one, came):
    spy.train(came)
    train_one_epoch(spy, four_and_one, SGD(spy.parameters(), lr=0.1))
    assert spy.modes == [True, True]


def test_17_accuracy(spy, four_and_one):
    assert accuracy(spy, four_and_one) == pytest.approx(0.8)
    assert accuracy(spy, four_and_one[:1]) == 1
    assert accuracy(spy, four_and_one[1:]) == 0


def test_18_mode_of_accuracy(spy, four_and_one):
    spy.train()
    accuracy(spy, four_and_one)
    assert spy.modes == [False, False]
    assert spy.training


def test_19_seeds():
    dataset = TensorDataset(*digits(20))
    first, other, second = (weights(train(dataset, epochs=2, batch_size=4, seed=seed)) for seed in (3, 8, 3))
    assert torch.equal(first, second)
    assert not torch.equal(first, other)


@pytest.mark.parametrize("lr", [0, -1e-3, -1.0])
def test_20_learning_rate(lr):
    with pytest.raises(ValueError):
        train(TensorDataset(*digits(4)), epochs=1, lr=lr)
