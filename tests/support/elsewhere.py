"""The built UI on an origin of its own, as a host of static files serves it: with `_headers` and config.json."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import streamvault.http

BUILD = Path(streamvault.http.__file__).parent / "ui"
PLACE = "https://api.example.org"
"""What stands for the server's origin in `_headers`; see docs/CDN.md."""


class _Host(SimpleHTTPRequestHandler):
    """Files as they are; each path that is none is index.html. `api` is the server's origin."""

    def __init__(self, *arguments: Any, api: str, **named: Any) -> None:
        self._api = api
        super().__init__(*arguments, directory=str(BUILD), **named)

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/config.json":
            return self._config()
        if not Path(self.translate_path(path)).is_file():
            self.path = "/index.html"
        return super().do_GET()

    def _config(self) -> None:
        body = json.dumps({"api": self._api}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def end_headers(self) -> None:
        for name, value in headers_of(BUILD / "_headers"):
            self.send_header(name, value.replace(PLACE, self._api))
        super().end_headers()

    def log_message(self, *_: Any) -> None:
        return


def headers_of(file: Path) -> list[tuple[str, str]]:
    """What `_headers` sets for every path."""
    found: list[tuple[str, str]] = []
    for line in file.read_text("utf-8").splitlines():
        if line.startswith("/") and line != "/*":
            break
        if line.startswith("  "):
            name, _, value = line.strip().partition(": ")
            found.append((name, value))
    return found


@contextmanager
def elsewhere(port: int, api: str) -> Iterator[str]:
    """The origin: another site than the server's, which browsers reach by an address."""
    server = ThreadingHTTPServer(("127.0.0.1", port), partial(_Host, api=api))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://localhost:{port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
