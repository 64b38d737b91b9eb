"""Stands in for the given data: three sets that can be told apart by their numbers, and a journal of who looked."""

from pathlib import Path
from typing import NamedTuple

import torch


class Digits(NamedTuple):
    images: torch.Tensor
    target: torch.Tensor


def _set(name: str, start: int, size: int) -> Digits:
    with Path("journal.txt").open("a") as journal:
        print(f"look {name}", file=journal)
    numbers = torch.arange(start, start + size)
    return Digits(numbers.float().reshape(size, 1, 1, 1).expand(size, 1, 28, 28), numbers % 10)


def training_set() -> Digits:
    return _set("training", 1000, 19)


def validation_set() -> Digits:
    return _set("validation", 2000, 7)


def test_set() -> Digits:
    return _set("test", 3000, 11)


def joined(first: Digits, second: Digits) -> Digits:
    return Digits(torch.cat([first.images, second.images]), torch.cat([first.target, second.target]))
