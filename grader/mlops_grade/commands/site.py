"""`mlops-grade site`: make the course's homepage, and show it on this machine."""

from __future__ import annotations

import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from rich.console import Console

from mlops_grade.course.discovery import Course
from mlops_grade.errors import UsageError
from mlops_grade.site.build import build


def build_site(course: Course, out: Path, console: Console) -> None:
    """Build and say where it is. Raises UsageError and GraderError as `build` does."""
    started = time.monotonic()
    pages = build(course, out)
    console.print(f"{out / 'index.html'}: {pages} pages in {time.monotonic() - started:.1f} s", markup=False)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing for each request."""


def serve(out: Path, port: int, console: Console) -> None:
    """Serve a built site on loopback until it is interrupted. Raises UsageError for a port that is taken."""
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), partial(_Quiet, directory=str(out)))
    except OSError as error:
        raise UsageError(f"port {port} cannot be used ({error.strerror}): name another with --port") from None
    with server:
        console.print(f"http://127.0.0.1:{port}/ (ctrl-C ends it)", markup=False)
        server.serve_forever()
