"""Control messages between judge, warm parent and pod: small JSON objects that may carry open descriptors.

On the stream each message is a four-byte length, sent together with the descriptors, then the JSON text.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import struct
import tempfile
from typing import Any

from mlops_grade.student.deadline import Deadline, within

MAX_MESSAGE = 4 << 20
MAX_DESCRIPTORS = 8
SEND_SECONDS = 300  # a message fits into the socket's buffer: nobody is waited for, but on a machine that hardly runs
_LENGTH = struct.Struct("<I")


class ChannelError(Exception):
    """The other side is gone, or says something that is no message."""


class DescriptorsLost(ChannelError):
    """This process may not have as many open files as were sent to it."""


class Channel:
    """One end of a control connection."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock

    @classmethod
    def pair(cls) -> tuple[Channel, Channel]:
        ours, theirs = socket.socketpair()
        return cls(ours), cls(theirs)

    @classmethod
    def from_descriptor(cls, descriptor: int) -> Channel:
        return cls(socket.socket(fileno=descriptor))

    def fileno(self) -> int:
        return self.sock.fileno()

    def close(self) -> None:
        self.sock.close()

    @property
    def hung_up(self) -> bool:
        """Whether nobody is left at the other end, or this end is closed."""
        poller = select.poll()
        try:
            poller.register(self.sock, 0)  # a hang-up is told unasked
            return bool(poller.poll(0))
        except (OSError, ValueError):
            return True

    def send(self, message: dict[str, Any], descriptors: tuple[int, ...] = ()) -> None:
        """Send a message. Raises ChannelError when nobody listens any more."""
        data = json.dumps(message).encode()
        try:
            self.sock.settimeout(SEND_SECONDS)
            socket.send_fds(self.sock, [_LENGTH.pack(len(data))], list(descriptors))
            self.sock.sendall(data)
        except OSError as error:
            raise ChannelError(str(error)) from None

    def start(self, request: dict[str, Any], descriptors: tuple[int, ...]) -> None:
        """Ask the fork server at the other end for a piece of work. Raises ChannelError."""
        self.send({"op": "start", **request}, descriptors)

    def receive(self, deadline: Deadline | None = None) -> tuple[dict[str, Any], list[int]]:
        """The next message and its descriptors (close-on-exec). Raises TimeoutError and ChannelError."""
        descriptors: list[int] = []
        try:
            data, received, flags, _ = within(
                deadline, self.sock, socket.recv_fds, self.sock, _LENGTH.size, MAX_DESCRIPTORS
            )
            descriptors = list(received)
            if flags & socket.MSG_CTRUNC:
                raise DescriptorsLost("more open files than this process may have (`ulimit -n`)")
            for descriptor in descriptors:
                os.set_inheritable(descriptor, False)
            data += self._exactly(_LENGTH.size - len(data), deadline) if data else b""
            if not data:
                raise ChannelError("closed")
            (length,) = _LENGTH.unpack(data)
            if length > MAX_MESSAGE:
                raise ChannelError("message too large")
            message = json.loads(self._exactly(length, deadline))
            if not isinstance(message, dict):
                raise ChannelError("not a message")
        except BaseException as error:
            close_all(descriptors)
            if isinstance(error, OSError | ValueError | RecursionError) and not isinstance(error, TimeoutError):
                raise ChannelError(f"{type(error).__name__}: {error}") from None
            raise
        return message, descriptors

    def _exactly(self, length: int, deadline: Deadline | None) -> bytes:
        data = b""
        while len(data) < length:
            part = within(deadline, self.sock, self.sock.recv, min(length - len(data), 1 << 16))
            if not part:
                raise ChannelError("closed")
            data += part
        return data


def close_all(descriptors: list[int] | tuple[int, ...]) -> None:
    for descriptor in descriptors:
        with contextlib.suppress(OSError):
            os.close(descriptor)


def anonymous_file(data: bytes | list[Any]) -> int:
    """A descriptor of an unnamed file that holds the data, at its start: how bytes travel with a message."""
    try:
        descriptor = os.memfd_create("mlops-grade", os.MFD_CLOEXEC)
    except (AttributeError, OSError):  # not on this platform, or in a jail
        with tempfile.TemporaryFile() as temporary:
            descriptor = os.dup(temporary.fileno())
    with os.fdopen(os.dup(descriptor), "wb") as file:
        for part in data if isinstance(data, list) else [data]:
            file.write(part)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
