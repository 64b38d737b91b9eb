"""Models with a name, versions with a number, and one of them is the champion."""

import numpy as np


def register(uri: str, name: str, run_id: str) -> int:
    """Make a version of the model `name` from a run's weights, and return its number; the same run, the same number.

    Raises:
        ValueError: the run has not finished.
    """
    raise NotImplementedError("TODO: make a version whose source is the run's folder of weights")


def promote(uri: str, name: str, version: int, min_gain: float = 0.0) -> bool:
    """Make a version the champion if its test_acc is above the champion's by more than `min_gain`; say whether it is.

    The champion so far becomes the previous one. Where there is no champion yet, any version with a test_acc is good.

    Raises:
        LookupError: there is no such version.
        ValueError: its run has no test_acc.
    """
    raise NotImplementedError("TODO: compare with the champion, and move the aliases")


def rollback(uri: str, name: str) -> int:
    """Swap the champion and the previous one; return the version that is the champion now.

    Raises:
        LookupError: there is no previous one.
    """
    raise NotImplementedError("TODO: swap the two aliases")


def load_champion(uri: str, name: str) -> dict[str, np.ndarray]:
    """Return the weights of the champion.

    Raises:
        LookupError: there is no champion.
    """
    raise NotImplementedError("TODO: find the version by its alias, and read its weights")


def history(uri: str, name: str) -> list[int]:
    """Return the versions that became champion, by promotion or by rollback, in this order."""
    raise NotImplementedError("TODO: read what promote and rollback have noted in the registry")
