"""Digits in three sets: to learn from, to choose by, and to report on."""

from typing import NamedTuple

import torch

from mlops_course.digits import digit_tensors


class Digits(NamedTuple):
    """Images float32 [N, 1, 28, 28] and their targets int64 [N]."""

    images: torch.Tensor
    target: torch.Tensor


def training_set() -> Digits:
    """1,200 digits to learn from."""
    images, target = digit_tensors("train")
    return Digits(images[:1200], target[:1200])


def validation_set() -> Digits:
    """300 digits to choose the settings by."""
    images, target = digit_tensors("train")
    return Digits(images[1200:], target[1200:])


def test_set() -> Digits:
    """297 digits to say, once and at the end, how good the chosen settings are."""
    return Digits(*digit_tensors("test"))


def joined(first: Digits, second: Digits) -> Digits:
    """Both sets as one."""
    return Digits(torch.cat([first.images, second.images]), torch.cat([first.target, second.target]))
