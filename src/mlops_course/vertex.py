"""Vertex AI as far as a training job needs it: takes a job, and lets it end as it was told."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Vertex:
    """An ASGI app that serves custom jobs.

    Each poll takes the next item of `script`: a state, or a number that is sent as an error's status instead. The last
    one stays.
    """

    script: list[str | int]
    message: str = ""
    jobs: list[dict[str, Any]] = field(default_factory=list)
    requests: list[tuple[str, str, str]] = field(default_factory=list)
    """Method, path and authorisation of every request."""

    async def __call__(self, scope: dict[str, Any], receive: Callable[[], Any], send: Callable[..., Any]) -> None:
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        self.requests.append((scope["method"], scope["path"], headers.get("authorization", "")))
        status, answer = self.answer(scope["method"], scope["path"], body)
        content = json.dumps(answer).encode()
        raw = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": content})

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
        if method == "POST" and path.endswith("/customJobs"):
            try:
                job = json.loads(body)
            except ValueError:
                return 400, {"error": {"code": 400, "message": "the body is not JSON"}}
            self.jobs.append(job)
            return 200, {"name": self.name_of(path), "displayName": "", "state": "JOB_STATE_PENDING"}
        created = next((self.name_of(seen) for verb, seen, _ in self.requests if verb == "POST"), None)
        if method != "GET" or created is None or path != f"/v1/{created}":
            return 404, {"error": {"code": 404, "message": f"nothing is known about {method} {path}"}}
        state = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(state, int):
            return state, {"error": {"code": state, "message": "The service is currently unavailable."}}
        job = {"name": created, "displayName": "", "state": state}
        if state == "JOB_STATE_FAILED":
            job["error"] = {"code": 3, "message": self.message}
        return 200, job

    @staticmethod
    def name_of(path: str) -> str:
        return path.removeprefix("/v1/") + "/8241907"
