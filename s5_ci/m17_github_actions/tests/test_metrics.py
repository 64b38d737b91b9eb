"""Tests of digit_classifier.metrics."""

import pytest

from digit_classifier.metrics import accuracy


def test_accuracy() -> None:
    assert accuracy([1, 2, 3, 4], [1, 2, 3, 5]) == 0.75


def test_lengths_must_agree() -> None:
    with pytest.raises(ValueError):
        accuracy([1], [1, 2])
