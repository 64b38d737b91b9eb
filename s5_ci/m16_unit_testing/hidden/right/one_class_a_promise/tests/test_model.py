"""Hypothesis draws the sizes."""

import pytest
import torch
from digit_classifier.model import DigitClassifier
from hypothesis import given, settings
from hypothesis import strategies as st

few = settings(max_examples=12, deadline=None, database=None)


class TestModel:
    @few
    @given(count=st.integers(1, 9), hidden=st.sampled_from([3, 32]))
    def test_promise_7(self, count, hidden):
        assert tuple(DigitClassifier(hidden)(torch.zeros(count, 1, 28, 28)).shape) == (count, 10)

    @few
    @given(shape=st.lists(st.integers(1, 3), max_size=6).filter(lambda shape: len(shape) != 4))
    def test_promise_8(self, shape):
        with pytest.raises(ValueError):
            DigitClassifier()(torch.zeros(shape))
        with pytest.raises(ValueError):
            DigitClassifier()(torch.zeros(1, 28, 28))

    @few
    @given(shape=st.sampled_from([(1, 27, 28), (2, 28, 28), (1, 14, 56), (784, 1, 1)]))
    def test_promise_9(self, shape):
        with pytest.raises(ValueError):
            DigitClassifier()(torch.zeros(2, *shape))

    def test_promise_10(self):
        logits = DigitClassifier()(torch.randn(20, 1, 28, 28))
        assert logits.min() < 0 or logits.max() > 1

    def test_promise_11(self):
        network, images = DigitClassifier(dropout=0.9).eval(), torch.rand(2, 1, 28, 28)
        assert (network(images) == network(images)).all()

    def test_promise_12(self):
        network = DigitClassifier()
        network(torch.rand(4, 1, 28, 28)).pow(2).mean().backward()
        assert all(weight.grad is not None and weight.grad.count_nonzero() for weight in network.parameters())
