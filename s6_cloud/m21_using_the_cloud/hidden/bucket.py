"""A bucket to test against: the storage emulator, behind a door that keeps a record and can misbehave."""

import json
import logging
import re
import secrets
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from gcp_storage_emulator.server import create_server

NAME = "course-bucket"
Scope = dict[str, Any]


@dataclass
class Exchange:
    """One request of the student's program, and how it was answered."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    received: int
    status: int = 0
    sent: int = 0

    @property
    def is_upload(self) -> bool:
        return self.path.startswith("/upload/") and self.method in {"POST", "PUT"}

    @property
    def is_media(self) -> bool:
        """Does it ask for the content of an object?"""
        return self.method == "GET" and (self.query.get("alt") == "media" or not self.path.startswith("/storage/"))

    @property
    def first_byte(self) -> int:
        match = re.match(r"bytes=(\d+)-", self.headers.get("range", ""))
        return int(match[1]) if match else 0


@dataclass
class Bucket:
    """An ASGI app that passes requests on to the emulator."""

    emulator: str
    exchanges: list[Exchange] = field(default_factory=list)
    refuse: Callable[[Exchange], int | None] = lambda exchange: None
    """The status with which a request is refused, if it is."""
    damage: Callable[[bytes], bytes] = lambda body: body
    """What happens to an upload on its way."""
    page_size: int = 1000

    async def __call__(self, scope: Scope, receive: Callable[[], Awaitable[Any]], send: Callable[..., Any]) -> None:
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        target = httpx.URL(self.emulator, raw_path=scope["raw_path"] + b"?" + scope["query_string"])
        exchange = Exchange(
            method=scope["method"],
            path=scope["path"],
            query=dict(target.params.items()),
            headers=headers,
            received=len(body),
        )
        self.exchanges.append(exchange)
        refused = self.refuse(exchange)
        if refused is not None:
            exchange.status, answer, content = refused, {"content-type": "application/json"}, b'{"error": {}}'
        else:
            # Encoded answers would have to be decoded before anything can be done to them.
            passed_on = {
                name: value for name, value in headers.items() if name not in {"connection", "accept-encoding"}
            }
            async with httpx.AsyncClient(timeout=30) as client:
                response = await client.request(scope["method"], target, headers=passed_on, content=self.damage(body))
            exchange.status, content = response.status_code, response.content
            answer = {
                name: value
                for name, value in response.headers.items()
                if name in {"content-type", "content-range", "location", "range", "etag"} or name.startswith("x-goog")
            }
            if answer.get("content-type", "").startswith("application/json"):
                # Links to content lead through the door as well.
                content = content.replace(self.emulator.encode(), f"http://{headers['host']}".encode())
            if exchange.method == "GET" and re.fullmatch(r".*/b/[^/]+/o", exchange.path) and exchange.status == 200:
                content = self.page(exchange, json.loads(content))
        exchange.sent = len(content)
        answer["content-length"] = str(len(content))
        raw = [(name.encode(), value.encode()) for name, value in answer.items()]
        await send({"type": "http.response.start", "status": exchange.status, "headers": raw})
        await send({"type": "http.response.body", "body": content})

    def page(self, exchange: Exchange, listing: dict[str, Any]) -> bytes:
        """The emulator lists everything at once; the real store does so in pages."""
        first = int(exchange.query.get("pageToken", 0))
        last = first + min(self.page_size, int(exchange.query.get("maxResults", self.page_size)))
        items = listing.get("items", [])
        listing["items"] = items[first:last]
        listing.pop("nextPageToken", None)
        if last < len(items):
            listing["nextPageToken"] = str(last)
        return json.dumps(listing).encode()

    # What the judge itself does to the bucket, past the door.

    def put(self, name: str, content: bytes) -> None:
        # In two parts: the emulator's simplest way of uploading does not take empty objects.
        boundary = secrets.token_hex(16)
        description = json.dumps({"name": name}).encode()
        head = f"--{boundary}\r\ncontent-type: application/json\r\n\r\n".encode()
        middle = f"\r\n--{boundary}\r\ncontent-type: application/octet-stream\r\n\r\n".encode()
        httpx.post(
            f"{self.emulator}/upload/storage/v1/b/{NAME}/o",
            params={"uploadType": "multipart"},
            headers={"content-type": f"multipart/related; boundary={boundary}"},
            content=head + description + middle + content + f"\r\n--{boundary}--".encode(),
        ).raise_for_status()

    def get(self, name: str) -> bytes | None:
        quoted = httpx.URL("").copy_with(path="/" + name).raw_path.decode()[1:].replace("/", "%2F")
        response = httpx.get(f"{self.emulator}/download/storage/v1/b/{NAME}/o/{quoted}", params={"alt": "media"})
        return response.content if response.status_code == 200 else None


@contextmanager
def open_bucket() -> Iterator[Bucket]:
    logging.getLogger("gcp_storage_emulator").setLevel(logging.CRITICAL)
    with socket.socket() as probing:
        probing.bind(("127.0.0.1", 0))
        port = probing.getsockname()[1]
    server = create_server("127.0.0.1", port, in_memory=True, default_bucket=NAME)
    server.start()
    try:
        yield Bucket(f"http://127.0.0.1:{port}")
    finally:
        server.stop()
