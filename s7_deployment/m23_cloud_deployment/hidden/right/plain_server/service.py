"""The service on the standard library's server, with a signal handler of its own."""

import json
import math
import os
import signal
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from classifier import NearestNeighbours


class Handler(BaseHTTPRequestHandler):
    def answer(self, status, content):
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer(*((200, {"status": "ok"}) if self.path == "/health" else (404, {})))

    def do_POST(self):
        try:
            flower = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["input_data"]
            assert isinstance(flower, list) and len(flower) == 4
            assert all(isinstance(number, int | float) and math.isfinite(number) for number in flower)
        except (ValueError, TypeError, KeyError, AssertionError):
            self.answer(422, {"error": "four numbers, please"})
        else:
            self.answer(200, {"prediction": self.server.model.predict(flower)})


class Server(ThreadingHTTPServer):
    daemon_threads = False  # closing waits for the requests that have begun


if __name__ == "__main__":
    server = Server(("", int(os.getenv("PORT") or 8080)), Handler)
    server.model = NearestNeighbours.from_file("model.json")
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever()
    server.server_close()
