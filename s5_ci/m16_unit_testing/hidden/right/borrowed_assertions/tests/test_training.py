import copy
from unittest.mock import MagicMock

import pytest
import torch
from digit_classifier.train import accuracy, train, train_one_epoch
from torch import nn
from torch.testing import assert_close as close
from torch.utils.data import DataLoader, TensorDataset

X = torch.rand(7, 1, 28, 28, generator=torch.Generator().manual_seed(9))
Y = torch.tensor([0, 9, 1, 8, 2, 7, 3])
DATA = TensorDataset(X, Y)


def loader(size=3):
    return DataLoader(DATA, batch_size=size, shuffle=False)


class Table(nn.Module):
    """A model without layers: the pixel in the corner says which of its rows is the answer."""

    def __init__(self, rows):
        super().__init__()
        self.rows = nn.Parameter(rows.clone())
        self.trained = []

    def forward(self, images):
        self.trained.append(self.training)
        return self.rows[images[:, 0, 0, 0].long()]


def corners(*numbers):
    return torch.tensor(numbers, dtype=torch.float32).reshape(-1, 1, 1, 1)


def differ(one, other):
    pairs = zip(one.parameters(), other.parameters(), strict=True)
    assert all(not torch.equal(a, b) for a, b in pairs), "some parameter is the same in both"


def test_learns_something(model):
    before = copy.deepcopy(model)
    train_one_epoch(model, loader(), torch.optim.SGD(model.parameters(), lr=0.3))
    differ(before, model)


def test_steps_are_those_of_plain_sgd():
    rows = torch.zeros(2, 10)
    table, by_hand = Table(rows), rows.clone()
    batches = [(corners(0), torch.tensor([4])), (corners(1), torch.tensor([5]))] * 2
    train_one_epoch(table, batches, torch.optim.SGD(table.parameters(), lr=1.0))
    for images, target in batches:
        row = int(images[0, 0, 0, 0])
        gradient = by_hand[row].softmax(0)
        gradient[target] -= 1
        by_hand[row] = by_hand[row] - gradient
    close(table.rows.detach(), by_hand)


def test_loss_of_an_uneven_epoch():
    rows = torch.tensor([[0.0] * 10, [5.0] + [0.0] * 9])
    table = Table(rows)
    batches = [(corners(0, 0, 0), torch.tensor([1, 2, 3])), (corners(1), torch.tensor([7]))]
    wanted = nn.functional.cross_entropy(rows[[0, 0, 0, 1]], torch.tensor([1, 2, 3, 7])).item()
    assert abs(train_one_epoch(table, batches, MagicMock()) - wanted) < 1e-5


@pytest.mark.parametrize("mode", [False, True], ids=["from eval", "from train"])
def test_epoch_is_in_train_mode(mode):
    table = Table(torch.zeros(1, 10)).train(mode)
    train_one_epoch(table, [(corners(0), torch.tensor([0]))], torch.optim.SGD(table.parameters(), lr=0.1))
    assert table.trained == [True]


@pytest.mark.parametrize("mode", [False, True], ids=["from eval", "from train"])
def test_accuracy(mode):
    table = Table(torch.eye(10)).train(mode)
    batches = [(corners(1, 2, 3, 4, 5), torch.tensor([1, 2, 3, 0, 0])), (corners(6, 7), torch.tensor([0, 0]))]
    assert accuracy(table, batches) == pytest.approx(3 / 7)
    assert table.trained == [False, False]
    assert table.training == mode


def test_seeds():
    one, same, other = (train(DATA, epochs=1, batch_size=3, seed=seed) for seed in (5, 5, 6))
    close(list(one.parameters()), list(same.parameters()), rtol=0, atol=0)
    differ(one, other)


@pytest.mark.parametrize("lr", [0, -1e-9, -5])
def test_learning_rates(lr):
    with pytest.raises(ValueError):
        train(DATA, epochs=1, lr=lr)
