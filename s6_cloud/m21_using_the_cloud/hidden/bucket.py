"""A bucket to test against: the storage emulator, behind a door that keeps a record and can misbehave."""

import json
import re
import secrets
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from mlops_grade.suite import Inspector, probe

NAME = "course-bucket"
EMULATOR = "http://emulator"
Scope = dict[str, Any]


@probe
def new_storage(name):
    """The emulator's storage, in memory, with an empty bucket."""
    import logging

    from gcp_storage_emulator.handlers import buckets
    from gcp_storage_emulator.storage import Storage

    logging.getLogger("gcp_storage_emulator").setLevel(logging.CRITICAL)
    storage = Storage(use_memory_fs=True)
    buckets.create_bucket(name, storage)
    return storage


@probe
def answer(storage, request):
    """Status, headers and body of what the emulator answers to a request, given as the bytes of HTTP."""
    import io
    from email.parser import BytesParser
    from types import SimpleNamespace

    from gcp_storage_emulator.server import RequestHandler

    sent = io.BytesIO()
    connection = SimpleNamespace(makefile=lambda *_: io.BytesIO(request), sendall=sent.write)
    RequestHandler(storage, connection, ("127.0.0.1", 0), SimpleNamespace(server_address=("127.0.0.1", 0)))
    head, _, body = sent.getvalue().partition(b"\r\n\r\n")
    status, _, fields = head.partition(b"\r\n")
    return int(status.split()[1]), dict(BytesParser().parsebytes(fields).items()), body


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
    """An ASGI app that passes requests on to the emulator, which lives in a pod and has no network."""

    inspector: Inspector
    storage: Any
    """The emulator's storage, in the inspector."""
    exchanges: list[Exchange] = field(default_factory=list)
    refuse: Callable[[Exchange], int | None] = lambda exchange: None
    """The status with which a request is refused, if it is."""
    damage: Callable[[bytes], bytes] = lambda body: body
    """What happens to an upload on its way."""
    page_size: int = 1000
    _turns: Any = field(default_factory=threading.Lock)
    """The judge asks from its own thread, and from the one that answers the student's programs."""

    async def __call__(self, scope: Scope, receive: Callable[[], Awaitable[Any]], send: Callable[..., Any]) -> None:
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        target = httpx.URL(EMULATOR, raw_path=scope["raw_path"] + b"?" + scope["query_string"])
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
            exchange.status, given, content = self._asked(scope["method"], target, passed_on, self.damage(body))
            answer = {
                name: value
                for name, value in given.items()
                if name in {"content-type", "content-range", "location", "range", "etag"} or name.startswith("x-goog")
            }
            if answer.get("content-type", "").startswith("application/json"):
                # Links to content lead through the door as well.
                content = content.replace(EMULATOR.encode(), f"http://{headers['host']}".encode())
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

    def _asked(
        self, method: str, target: httpx.URL, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of the emulator's answer."""
        fields = {"host": EMULATOR.removeprefix("http://"), **headers, "content-length": str(len(body))}
        lines = [f"{method} {target.raw_path.decode()} HTTP/1.1", *(f"{name}: {fields[name]}" for name in fields)]
        with self._turns:
            status, given, content = self.inspector.run(
                answer, self.storage, "\r\n".join([*lines, "", ""]).encode() + body
            )
        return status, {name.lower(): value for name, value in given.items()}, content

    # What the judge itself does to the bucket, past the door.

    def put(self, name: str, content: bytes) -> None:
        # In two parts: the emulator's simplest way of uploading does not take empty objects.
        boundary = secrets.token_hex(16)
        description = json.dumps({"name": name}).encode()
        head = f"--{boundary}\r\ncontent-type: application/json\r\n\r\n".encode()
        middle = f"\r\n--{boundary}\r\ncontent-type: application/octet-stream\r\n\r\n".encode()
        target = httpx.URL(f"{EMULATOR}/upload/storage/v1/b/{NAME}/o", params={"uploadType": "multipart"})
        headers = {"content-type": f"multipart/related; boundary={boundary}"}
        body = head + description + middle + content + f"\r\n--{boundary}--".encode()
        status, _, said = self._asked("POST", target, headers, body)
        if status != 200:
            raise RuntimeError(f"the emulator did not take {name}: {status} {said.decode()[:200]}")

    def get(self, name: str) -> bytes | None:
        quoted = httpx.URL("").copy_with(path="/" + name).raw_path.decode()[1:].replace("/", "%2F")
        target = httpx.URL(f"{EMULATOR}/download/storage/v1/b/{NAME}/o/{quoted}", params={"alt": "media"})
        status, _, content = self._asked("GET", target, {}, b"")
        return content if status == 200 else None


def open_bucket(inspector: Inspector) -> Bucket:
    return Bucket(inspector, inspector.run(new_storage, NAME))
