from copy import deepcopy

import pytest
import torch
from digit_classifier.train import accuracy, train, train_one_epoch
from torch.nn.functional import cross_entropy
from torch.optim import SGD
from torch.utils.data import TensorDataset


class Table(torch.nn.Module):
    """A model whose logits can be read off: its input are row numbers."""

    def __init__(self):
        super().__init__()
        self.rows = torch.nn.Embedding.from_pretrained(torch.eye(10) * 3, freeze=False)
        self.modes = []

    def forward(self, numbers):
        self.modes.append(self.training)
        return self.rows(numbers)


@pytest.fixture
def table():
    return Table()


@pytest.fixture
def numbered():
    """Row numbers and targets: rows 0, 1, 2 and 6 are right."""
    return [
        (torch.tensor([0, 1, 2]), torch.tensor([0, 1, 2])),
        (torch.tensor([3, 4, 5]), torch.tensor([0, 0, 0])),
        (torch.tensor([6]), torch.tensor([6])),
    ]


def test_epoch(table, numbered):
    reference = deepcopy(table)
    total = 0.0
    for numbers, target in numbered:
        loss = cross_entropy(reference(numbers), target)
        (gradient,) = torch.autograd.grad(loss, reference.rows.weight)
        reference.rows.weight.data -= 0.7 * gradient
        total += loss.item() * len(target)
    table.eval()
    loss = train_one_epoch(table, numbered, SGD(table.parameters(), lr=0.7))
    assert table.modes == [True] * 3
    assert loss == pytest.approx(total / 7, rel=1e-5)
    torch.testing.assert_close(table.rows.weight, reference.rows.weight)


def test_accuracy(table, numbered):
    table.train()
    assert accuracy(table, numbered) == pytest.approx(4 / 7)
    assert table.modes == [False] * 3
    assert table.training


def test_accuracy_in_eval(table, numbered):
    table.eval()
    accuracy(table, numbered)
    assert not table.training


def fingerprint(model):
    return [parameter.sum().item() for parameter in model.parameters()]


def test_seed(batches):
    dataset = TensorDataset(*(torch.cat(column) for column in zip(*batches)))
    assert fingerprint(train(dataset, epochs=1, seed=8)) == fingerprint(train(dataset, epochs=1, seed=8))
    assert fingerprint(train(dataset, epochs=1, seed=8)) != fingerprint(train(dataset, epochs=1, seed=9))


def test_lr(batches):
    dataset = TensorDataset(*(torch.cat(column) for column in zip(*batches)))
    for lr in (0.0, -0.5):
        with pytest.raises(ValueError):
            train(dataset, lr=lr)
