"""Words that several of the batch's rooms say."""

from __future__ import annotations

from collections.abc import Sequence

NAMED = 10


def few(names: Sequence[str], most: int = NAMED) -> str:
    """Names for a line on the terminal: the first of them, and how many more."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
