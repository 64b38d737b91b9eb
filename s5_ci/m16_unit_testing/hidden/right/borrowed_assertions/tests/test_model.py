from functools import partial

import pytest
import torch
from digit_classifier.model import DigitClassifier
from pytest import raises as refuses
from torch.testing import assert_close as close

equal = partial(close, rtol=0, atol=0)


@pytest.fixture
def test_images():
    return torch.linspace(-1, 1, 6 * 784).reshape(6, 1, 28, 28)


def test_one_row_for_each_image(model, test_images):
    sizes = [tuple(model(test_images[:count]).shape) for count in (1, 2, 3, 6)]
    equal(torch.tensor(sizes), torch.tensor([(1, 10), (2, 10), (3, 10), (6, 10)]))


@pytest.mark.parametrize("shape", [(784,), (28, 28), (1, 28, 28), (1, 1, 1, 28, 28)])
def test_dimensions(model, shape):
    with refuses(ValueError):
        model(torch.ones(*shape))


@pytest.mark.parametrize("shape", [(1, 2, 28, 28), (1, 1, 56, 14), (1, 1, 28, 29), (3, 28, 28, 1)])
def test_sizes(model, shape):
    with refuses(ValueError):
        model(torch.ones(*shape))


def test_no_softmax(model, test_images):
    with torch.no_grad():
        sums = model(test_images).sum(dim=1)
    if bool((sums - 1).abs().max() < 1e-4):
        pytest.fail("each row sums to 1: probabilities")


def test_eval_is_the_same_twice(model, test_images):
    model.eval()
    equal(model(test_images), model(test_images))


def test_gradients(test_images):
    model = DigitClassifier()
    model(test_images).logsumexp(1).sum().backward()
    without = [
        name for name, each in model.named_parameters() if each.grad is None or float(each.grad.abs().max()) == 0
    ]
    if without:
        raise AssertionError(f"no gradient for {without}")
