"""What a student's process prints: read as it comes, kept up to a limit."""

from __future__ import annotations

import array
import fcntl
import os
import select
import termios
import threading
from collections.abc import Callable

from mlops_grade.student.deadline import Deadline

MAX_OUTPUT = 16 << 20
KEPT_OUTPUT = 4 << 20
FLOOD = f"the program printed more than {MAX_OUTPUT >> 20} MiB and was stopped"


class Output:
    """What a process printed: read to the end in the background, kept up to a limit, stopped beyond a larger one."""

    def __init__(self, descriptor: int, flooded: Callable[[], None]) -> None:
        self.data = bytearray()
        self.flood = False
        self._descriptor = descriptor
        self._flooded = flooded
        self._total = 0
        self._reading = threading.Lock()  # held while bytes are between the pipe and `data`
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        poller = select.poll()
        poller.register(self._descriptor, select.POLLIN)
        more = True
        while more:
            poller.poll()
            with self._reading:
                part = os.read(self._descriptor, 1 << 16)
                self._total += len(part)
                self.data += part[: max(0, KEPT_OUTPUT - len(self.data))]
                if not part:
                    os.close(self._descriptor)
                    more = False
            if self._total > MAX_OUTPUT and not self.flood:
                # Read on until it is dead: a closed pipe would tell it, and it could still answer.
                self.flood = True
                self._flooded()

    def finish(self, deadline: Deadline) -> None:
        """Wait for the end of the output: a daemon that holds it open must not hold us up.

        What is in the pipe when the time is over is still read, however long the machine takes over it.
        """
        while self._thread.is_alive():
            try:
                self._thread.join(min(deadline.left(), 0.05))
            except TimeoutError:
                break
        wanted = self._total + self._unread()
        while self._total < wanted and self._unread():
            self._thread.join(0.002)

    def _unread(self) -> int:
        with self._reading:
            if not self._thread.is_alive():
                return 0
            size = array.array("i", [0])
            fcntl.ioctl(self._descriptor, termios.FIONREAD, size)
            return size[0]

    def text(self) -> str:
        return bytes(self.data).decode(errors="replace")


def last_words(*outputs: str) -> str:
    """The last line with a letter or digit in it, of the first output that has one; "" if none has.

    It is shortened, and frames drawn around it are left out.
    """
    for output in outputs:
        for line in reversed(output.splitlines()):
            words = line.strip(" \t│|╭╮╰╯─┃━")
            if any(map(str.isalnum, words)):
                return words[:300]
    return ""
