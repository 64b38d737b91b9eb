"""An ASGI application. @secret solution@"""

from typing import Any


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answer GET /square/N with N * N as text."""
    if scope["type"] != "http":
        return
    number = int(scope["path"].rpartition("/")[2])
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": str(number * number).encode()})
