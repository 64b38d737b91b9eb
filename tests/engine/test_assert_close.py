"""What counts as the same numbers, and what is said of others."""

import math

import numpy as np
import pytest
import torch

from mlops_grade.suite import assert_close


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (1.00005, 1),
        ([1, 2], torch.tensor([1.0, 2.0])),
        ([math.inf, math.nan], [math.inf, math.nan]),
        (torch.zeros(0), []),
        (torch.tensor([75.0, 2e-5]), torch.tensor([75.0, 0.0])),
    ],
    ids=["rounded", "list and tensor", "inf and nan", "nothing", "float32 rounds its sums"],
)
def test_numbers_that_are_close(got: object, expected: object) -> None:
    assert_close(got, expected, "x")


@pytest.mark.parametrize(
    ("got", "expected", "said"),
    [
        (1.001, 1, "x: expected 1, got 1.001"),
        ([75.0, 2e-5], [75.0, 0.0], "x: 50% of the values differ; at [1] expected 0, got 2e-05"),
        ([100.02, 1.5], [100.0, 1.0], "x: 100% of the values differ; at [1] expected 1, got 1.5"),
        ([math.nan, 1.0], [0.0, 1.0], "x: 50% of the values differ; at [0] expected 0, got nan"),
        (np.zeros((2, 3)), np.zeros(3), "x: expected the shape (3,), got (2, 3)"),
        (["a"], [1], "x: expected numbers, got list"),
        (None, [1], "x: expected numbers, got NoneType"),
    ],
    ids=["number", "float64 does not round so", "the worst by its own measure", "nan", "shape", "text", "nothing"],
)
def test_numbers_that_differ_are_told(got: object, expected: object, said: str) -> None:
    with pytest.raises(AssertionError) as raised:
        assert_close(got, expected, "x")
    assert str(raised.value) == said


@pytest.mark.parametrize(
    ("got", "expected", "times"),
    [(1.002, 1.0, 20), ([1.0, 1.05], [1.0, 1.0], 500), (math.nan, 1.0, 1e9)],
    ids=["a number", "the worst of several", "nan"],
)
def test_how_far_off_they_are_is_kept_for_prove(got: object, expected: object, times: float) -> None:
    with pytest.raises(AssertionError) as raised:
        assert_close(got, expected, "x", rtol=1e-4, atol=0)
    assert raised.value.__dict__["mlops_excess"] == pytest.approx(times, rel=0.01)


def test_without_any_tolerance_only_the_same_is_close() -> None:
    with pytest.raises(AssertionError, match=r"at \[1\] expected 1\.0000001, got 1\.0"):
        assert_close([0.0, 1.0], [0.0, 1.0000001], "x", rtol=0, atol=0)
