"""An ASGI app that runs in the judge, for a student's client to talk to."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any

import uvicorn

OWN_SECONDS = 60  # for threads of our own: a moment, unless the machine is far too busy


@contextlib.contextmanager
def hosted(app: Any, listening: socket.socket, largest: int) -> Iterator[None]:
    """Serve the app on a socket that listens, until the end of the block: what is then still asked is cut off.

    Requests with a body of more than `largest` bytes are cut off, too.
    """
    config = uvicorn.Config(_bounded(app, largest), log_level="critical", access_log=False, lifespan="off")
    server = _Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.end()
        thread.join(OWN_SECONDS)


class _Server(uvicorn.Server):
    """uvicorn's server, ended at once: its own looks every 0.1 s whether it should, and then waits for its clients."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._ended = asyncio.Event()
        self._serving = threading.Event()

    def end(self) -> None:
        if self._serving.wait(OWN_SECONDS):
            self._loop.call_soon_threadsafe(self._ended.set)

    async def main_loop(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._serving.set()
        await self._ended.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            if connection.transport is not None:
                connection.transport.abort()
        await asyncio.sleep(0)


def _bounded(app: Any, largest: int) -> Any:
    """An ASGI app that is told of a disconnect when a request's body is too large."""

    async def bounded(scope: Any, receive: Any, send: Any) -> None:
        total = 0

        async def counted() -> Any:
            nonlocal total
            message = await receive()
            total += len(message.get("body", b""))
            return message if total <= largest else {"type": "http.disconnect"}

        await app(scope, counted, send)

    return bounded
