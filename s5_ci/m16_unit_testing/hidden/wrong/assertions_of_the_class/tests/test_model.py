"""Tests of digit_classifier.model: promises 7 to 12."""

import unittest

import pytest
import torch
from digit_classifier.model import DigitClassifier


@pytest.mark.parametrize("batch", [1, 5])
def test_shape_of_the_logits(batch: int) -> None:
    """Any number of images gives as many rows of ten logits."""
    logits = DigitClassifier()(torch.rand(batch, 1, 28, 28))
    unittest.TestCase.assertTrue(logits.shape == (batch, 10), "the shape of the logits")


@pytest.mark.parametrize("shape", [(1, 28, 28), (2, 1, 28, 27)])
def test_wrong_shapes_are_errors(shape: tuple[int, ...]) -> None:
    """Images without a batch, or of another size, are a ValueError."""
    with pytest.raises(ValueError):
        DigitClassifier()(torch.rand(shape))


def test_outputs_are_logits() -> None:
    """The rows do not sum to 1, as probabilities would."""
    sums = DigitClassifier()(torch.rand(3, 1, 28, 28)).sum(1)
    assert not torch.allclose(sums, torch.ones(3))


def test_eval_mode_is_deterministic() -> None:
    """Dropout is off in eval mode."""
    check = unittest.TestCase()
    model = DigitClassifier().eval()
    images = torch.rand(3, 1, 28, 28)
    check.assertTrue(torch.equal(model(images), model(images)))


def test_every_parameter_gets_a_gradient() -> None:
    """The loss depends on all parameters."""
    model = DigitClassifier()
    model(torch.rand(3, 1, 28, 28)).square().sum().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.any(), name
