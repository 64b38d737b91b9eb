"""A pytest plugin for comparison only: the same suites in one ordinary process, the solution imported directly.

What a course would have without this grader: `pytest` on the tests, student code in the same interpreter.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from mlops_grade.suite import Finished, Probe


class DirectStudent:
    """Stands in for `Student`, without any process between."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, name: str, path: str = ".") -> Any:
        place = str(self._folder / path)
        if place not in sys.path:
            sys.path.insert(0, place)
        return importlib.import_module(name)

    def run(self, probe: Probe, *arguments: Any, **named: Any) -> Any:
        namespace: dict[str, Any] = {}
        exec(probe.source, namespace)
        return namespace[probe.name](*arguments, **named)

    def cli(self, file: str, *arguments: str, **_: Any) -> Finished:
        done = subprocess.run(
            [sys.executable, file, *arguments], cwd=self._folder, capture_output=True, text=True, check=False
        )
        return Finished(done.returncode, done.stdout, done.stderr)

    @contextlib.contextmanager
    def serve(self, app: str, **_: Any) -> Iterator[httpx.Client]:
        import uvicorn

        module, _, name = app.partition(":")
        server = uvicorn.Server(uvicorn.Config(getattr(self.load(module), name), port=0, log_level="error"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            thread.join(0.005)
        port = server.servers[0].sockets[0].getsockname()[1]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            yield client
        server.should_exit = True
        thread.join()


@pytest.fixture
def student() -> DirectStudent:
    return DirectStudent(Path(os.environ["DIRECT_SUBMISSION"]))
