import pytest
import torch


class TestShapes:
    @pytest.mark.parametrize("n", [1, 3, 10])
    def test_out(self, model, n):
        assert list(model(torch.zeros(n, 1, 28, 28)).shape) == [n, 10]

    @pytest.mark.parametrize("bad", [(28, 28), (1, 28, 28), (3, 1, 14, 56), (3, 1, 28, 29)], ids=str)
    def test_bad(self, model, bad):
        with pytest.raises(ValueError):
            model(torch.zeros(bad))


def test_rows_are_not_probabilities(model):
    out = model(torch.rand(4, 1, 28, 28))
    if torch.allclose(out.sum(-1), torch.tensor(1.0)):
        pytest.fail("softmax inside the model")


def test_eval(model):
    model.eval()
    images = torch.rand(8, 1, 28, 28)
    torch.testing.assert_close(model(images), model(images), rtol=0, atol=0)


def test_gradient_reaches_everything(model):
    model(torch.rand(4, 1, 28, 28)).logsumexp(1).sum().backward()
    assert [name for name, p in model.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0] == []
