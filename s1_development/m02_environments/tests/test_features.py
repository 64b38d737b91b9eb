"""Tests of the features."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from leafcount.features import area_curve, taken_at


@given(st.lists(st.floats(0, 1e6), min_size=2))
def test_area_curve_is_not_negative(areas: list[float]) -> None:
    assert area_curve(areas) >= 0


def test_nonsense_is_no_date() -> None:
    with pytest.raises(ValueError):
        taken_at("last summer")
