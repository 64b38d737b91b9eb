import pytest
import torch
from digit_classifier.model import DigitClassifier


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(4)


@pytest.fixture
def model():
    return DigitClassifier()


@pytest.mark.parametrize("n", [1, 2, 10, 33])
@pytest.mark.parametrize("training", [True, False])
def test_7_ten_outputs_for_each_image(model, n, training):
    assert model.train(training)(torch.randn(n, 1, 28, 28)).shape == torch.Size([n, 10])


@pytest.mark.parametrize("shape", [(28, 28), (1, 28, 28), (5, 28, 28), (784,), (2, 1, 1, 28, 28), (2, 1, 28, 28, 1)])
def test_8_number_of_dimensions(model, shape):
    with pytest.raises(ValueError):
        model(torch.zeros(shape))


@pytest.mark.parametrize("shape", [(3, 28, 28), (1, 27, 28), (1, 28, 27), (1, 32, 32), (1, 14, 56), (28, 28, 1), (4, 14, 14)])
def test_9_shape_of_an_image(model, shape):
    with pytest.raises(ValueError):
        model(torch.zeros(2, *shape))


def test_10_logits(model):
    out = model.eval()(50 * torch.randn(200, 1, 28, 28))
    assert out.min() < -1 and out.max() > 1
    assert (out.logsumexp(1).abs() > 1e-3).any()


def test_11_eval_is_the_same_each_time(model):
    images = torch.randn(50, 1, 28, 28)
    model.eval()
    assert torch.equal(model(images), model(images))


def test_12_gradients(model):
    (model(torch.randn(64, 1, 28, 28)) ** 2).sum().backward()
    without = [name for name, p in model.named_parameters() if p.grad is None or not p.grad.any()]
    assert without == []
