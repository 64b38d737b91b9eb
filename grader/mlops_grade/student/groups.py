"""Which groups of processes a pod started: told to its keeper as they start, so that none is left when the pod ends.

On Linux a keeper adopts what loses its parent, and finds it below itself. Where nobody adopts orphans (macOS), all that
a program leaves behind has in common with it is its group. What leaves that as well is found while its parent lives.
"""

from __future__ import annotations

import contextlib
import os
import struct
from collections.abc import Collection

_GROUP = struct.Struct("<i")  # negative: it is no more
_READ_AT_ONCE = 1 << 16


class StartedGroups:
    """A pipe from a pod to its keeper. The pod closes `read`, the keeper `write`, student code has neither."""

    def __init__(self) -> None:
        self.read, self.write = os.pipe()
        os.set_blocking(self.read, False)
        os.set_blocking(self.write, False)  # thousands of programs in one test: the last are not told, nobody waits
        self._known: set[int] = set()
        self._left = b""

    def tell(self, group: int) -> None:
        """In the pod: this group was started."""
        self._known.add(group)
        self._write(group)

    def forget_those_that_ended(self, running: Collection[int]) -> None:
        """In the pod: whose number is free may be somebody else's next. Those whose leader is `running` are not."""
        for group in [group for group in self._known.difference(running) if not _lives(group)]:
            self._known.discard(group)
            self._write(-group)

    def known(self) -> frozenset[int]:
        """In the keeper: the groups that were started and were not said to have ended."""
        with contextlib.suppress(BlockingIOError):
            while data := os.read(self.read, _READ_AT_ONCE):
                self._left += data
        whole = len(self._left) // _GROUP.size * _GROUP.size
        for (group,) in _GROUP.iter_unpack(self._left[:whole]):
            self._known.add(group) if group > 0 else self._known.discard(-group)
        self._left = self._left[whole:]
        return frozenset(self._known)

    def _write(self, number: int) -> None:
        with contextlib.suppress(BlockingIOError):
            os.write(self.write, _GROUP.pack(number))


def _lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
