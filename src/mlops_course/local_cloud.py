"""A bucket and Vertex AI on this machine, to try things with: `python -m mlops_course.local_cloud`."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import uvicorn

from mlops_course.vertex import Vertex

BUCKET = "digits"
STORAGE_PORT, VERTEX_PORT = 9023, 8021


class Jobs:
    """Vertex AI for one job after another: each is queued, runs for a while, and succeeds."""

    def __init__(self) -> None:
        self.current = Vertex(["JOB_STATE_PENDING"])

    async def __call__(self, scope: dict[str, Any], receive: Callable[[], Any], send: Callable[..., Any]) -> None:
        if scope["type"] == "http" and scope["method"] == "POST":
            states: list[str | int] = ["JOB_STATE_QUEUED", "JOB_STATE_RUNNING", 503, "JOB_STATE_SUCCEEDED"]
            self.current = Vertex(states)
        await self.current(scope, receive, send)


def main() -> None:
    """Serve both until Ctrl-C."""
    emulator = importlib.import_module("gcp_storage_emulator.server")
    storage = emulator.create_server("127.0.0.1", STORAGE_PORT, in_memory=True, default_bucket=BUCKET)
    storage.start()
    print(f"storage:   STORAGE_EMULATOR_HOST=http://127.0.0.1:{STORAGE_PORT}, with the bucket {BUCKET!r}")
    print(f"Vertex AI: --endpoint http://127.0.0.1:{VERTEX_PORT}")
    print("Both are empty again after Ctrl-C.", flush=True)
    try:
        uvicorn.run(Jobs(), host="127.0.0.1", port=VERTEX_PORT, log_level="warning")
    finally:
        storage.stop()


if __name__ == "__main__":
    main()
