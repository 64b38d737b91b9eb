"""An ASGI application."""

from typing import Any


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answer GET /square/N with N * N as text."""
    raise NotImplementedError("TODO: answer")
