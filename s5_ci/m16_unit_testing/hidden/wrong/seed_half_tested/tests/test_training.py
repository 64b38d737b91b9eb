"""Tests of digit_classifier.train: promises 13 to 20, on digits made up here."""

import pytest
import torch
from digit_classifier.model import DigitClassifier
from digit_classifier.train import accuracy, train, train_one_epoch
from torch import nn
from torch.utils.data import TensorDataset

IMAGES = torch.rand(5, 1, 28, 28, generator=torch.Generator().manual_seed(0))
TARGET = torch.tensor([0, 1, 2, 3, 4])
BATCHES = [(IMAGES[:4], TARGET[:4]), (IMAGES[4:], TARGET[4:])]  # the last one is smaller


class Echo(nn.Module):
    """Logits that are given: image n of these has row n."""

    def __init__(self, logits: torch.Tensor) -> None:
        super().__init__()
        self.logits = nn.Parameter(logits)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.logits[images.flatten().long()]


def weights(model: nn.Module) -> torch.Tensor:
    """All parameters in one row."""
    return torch.cat([parameter.detach().flatten() for parameter in model.parameters()])


def test_an_epoch_changes_the_parameters() -> None:
    """The optimizer takes its steps, in train mode."""
    model = DigitClassifier().eval()
    before = weights(model)
    train_one_epoch(model, BATCHES, torch.optim.SGD(model.parameters(), lr=0.1))
    assert not torch.equal(weights(model), before)
    assert model.training


def test_gradients_do_not_pile_up() -> None:
    """The same batch twice, at learning rate 0: its gradient, not the double."""
    gradients = []
    for batches in (BATCHES[:1], BATCHES[:1] * 2):
        model = Echo(torch.eye(10))
        train_one_epoch(model, [(torch.arange(4), TARGET[:4]) for _ in batches], torch.optim.SGD([model.logits], lr=0))
        gradients.append(model.logits.grad)
    torch.testing.assert_close(*gradients)


def test_loss_counts_each_image_once() -> None:
    """The loss of an epoch at learning rate 0 is the cross-entropy of all images in one batch."""
    model = Echo(torch.diag(torch.arange(10.0)))
    rows = torch.arange(5)
    loss = train_one_epoch(model, [(rows[:4], TARGET[:4]), (rows[4:], TARGET[4:])], torch.optim.SGD([model.logits], lr=0))
    assert loss == pytest.approx(nn.functional.cross_entropy(model.logits[:5], TARGET).item())


def test_accuracy_is_a_fraction_of_all_images() -> None:
    """Three of five are right, the smaller last batch among them."""
    model = Echo(torch.eye(10)[[0, 1, 9, 9, 4, 5, 6, 7, 8, 9]])
    rows = torch.arange(5)
    assert accuracy(model, [(rows[:4], TARGET[:4]), (rows[4:], TARGET[4:])]) == pytest.approx(0.6)


@pytest.mark.parametrize("training", [True, False])
def test_accuracy_without_dropout(training: bool) -> None:
    """The model is in eval mode while it is asked, and in its own mode afterwards."""
    modes = []
    model = DigitClassifier().train(training)
    model.register_forward_hook(lambda module, *_: modes.append(module.training))
    accuracy(model, BATCHES)
    assert modes == [False, False]
    assert model.training is training


def test_seed_decides_the_weights() -> None:
    """The same seed gives the same model, another seed another one."""
    dataset = TensorDataset(IMAGES, TARGET)
    first, again, other = (weights(train(dataset, epochs=1, seed=seed)) for seed in (3, 3, 4))
    assert torch.equal(first, again)


@pytest.mark.parametrize("lr", [0.0, -0.1])
def test_learning_rate_must_be_positive(lr: float) -> None:
    """A learning rate of 0 or below is a ValueError."""
    with pytest.raises(ValueError):
        train(TensorDataset(IMAGES, TARGET), lr=lr)
