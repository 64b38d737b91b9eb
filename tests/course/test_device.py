"""The choice of a device."""

import pytest
import torch

from mlops_course.device import choose_device


@pytest.mark.parametrize(("present", "expected"), [(True, "cuda"), (False, "cpu")])
def test_cuda_where_there_is_one(monkeypatch: pytest.MonkeyPatch, present: bool, expected: str) -> None:
    monkeypatch.delenv("MLOPS_DEVICE", raising=False)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: present)
    assert choose_device() == expected


@pytest.mark.parametrize("wanted", ["cpu", "cuda:1", "mps"])
def test_the_environment_decides(monkeypatch: pytest.MonkeyPatch, wanted: str) -> None:
    monkeypatch.setenv("MLOPS_DEVICE", wanted)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert choose_device() == wanted


def test_an_empty_variable_decides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLOPS_DEVICE", "")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_device() == "cpu"


def test_no_such_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLOPS_DEVICE", "gpu0")
    with pytest.raises(ValueError, match="MLOPS_DEVICE is 'gpu0'"):
        choose_device()
