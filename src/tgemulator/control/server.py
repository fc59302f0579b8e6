"""A small HTTP API on loopback that lets another process drive the emulator: faults, counters, messages.

Standard library only. JSON in, JSON out; one request per connection. It has no login: it listens on
loopback alone and turns away what a web page of another site could send (foreign Host or Origin, or a
body that is not application/json).
"""

import asyncio
import contextlib
import json
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl, urlsplit

from tgemulator.control.arguments import ControlError
from tgemulator.control.routes import answer

if TYPE_CHECKING:
    from tgemulator.emulator import Emulator

_MAX_HEAD = 16 * 1024
_MAX_BODY = 4 * 1024 * 1024
_READ_TIMEOUT = 10.0
_MAX_CONNECTIONS = 64
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_REASONS = {
    200: "OK",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


@dataclass(frozen=True, slots=True)
class Request:
    """One request: `path` without the query, header names in lower case."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; {} when it is empty."""
        if not self.body:
            return {}
        try:
            value = json.loads(self.body)
        except ValueError as error:
            raise ControlError(400, f"the body is not JSON: {error}") from None
        if not isinstance(value, dict):
            raise ControlError(400, "the body must be a JSON object")
        return value


class ControlServer:
    """Serves the control API of one emulator; an async context manager. Port 0 lets the system choose."""

    def __init__(self, emulator: "Emulator", *, port: int = 0) -> None:
        self._emulator = emulator
        self._port = port
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`, once it listens."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self._port, limit=_MAX_HEAD)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._server.wait_closed()

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve a new connection in a task of our own: asyncio logs the cancellation of one that it makes itself."""
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, from accept to close."""
        try:
            status, value = await self._handle(reader)
            writer.write(_response(status, value))
            await writer.drain()
        except ConnectionError:
            return  # the caller left; there is nobody to tell
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _handle(self, reader: asyncio.StreamReader) -> tuple[int, Any]:
        """(status, JSON value) for the request that comes in."""
        try:
            if len(self._connections) > _MAX_CONNECTIONS:
                raise ControlError(503, "too many connections")
            async with asyncio.timeout(_READ_TIMEOUT):
                request = await read_request(reader)
            _check_origin(request)
            return 200, await answer(self._emulator, request)
        except ControlError as error:
            return error.status, {"error": str(error)}
        except TimeoutError:
            return 400, {"error": "the request took too long to arrive"}


async def read_request(reader: asyncio.StreamReader) -> Request:
    """Read one HTTP/1.1 request. ControlError 400 or 413 for what is malformed or too large."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.LimitOverrunError:
        raise ControlError(413, f"the header is larger than {_MAX_HEAD} bytes") from None
    except asyncio.IncompleteReadError:
        raise ControlError(400, "the request ends within its header") from None
    line, *rest = head[:-4].split("\r\n")
    words = line.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise ControlError(400, "not an HTTP/1.1 request")
    headers = {name.strip().lower(): value.strip() for name, _, value in (item.partition(":") for item in rest)}
    try:
        target = urlsplit(words[1])
    except ValueError:
        raise ControlError(400, "not a valid request target") from None
    body = await _read_body(reader, headers)
    return Request(words[0], target.path, dict(parse_qsl(target.query)), headers, body)


async def _read_body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    """The body that Content-Length announces."""
    if "transfer-encoding" in headers:
        raise ControlError(400, "send a Content-Length instead of Transfer-Encoding")
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdecimal()):
        raise ControlError(400, "Content-Length is not a number")
    if len(length) > 12 or int(length) > _MAX_BODY:
        raise ControlError(413, f"the body is larger than {_MAX_BODY} bytes")
    try:
        return await reader.readexactly(int(length))
    except asyncio.IncompleteReadError:
        raise ControlError(400, "the request ends within its body") from None


def _check_origin(request: Request) -> None:
    """ControlError 403 or 415 for a request that a foreign web page could have caused (DNS rebinding included)."""
    if _host_name(f"//{request.headers.get('host', '')}") not in _LOOPBACK:
        raise ControlError(403, "the Host header must name a loopback address")
    origin = request.headers.get("origin")
    if origin is not None and origin != f"http://{request.headers['host']}":
        raise ControlError(403, "requests from other sites are refused")
    if request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        raise ControlError(403, "requests from other sites are refused")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.body and kind != "application/json":
        raise ControlError(415, "the body must be application/json")


def _host_name(url: str) -> str | None:
    """The host of a URL, without its port; None if it has none or is malformed."""
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _response(status: int, value: Any) -> bytes:
    """A whole HTTP response."""
    body = json.dumps(value).encode() + b"\n"
    head = (
        f"HTTP/1.1 {status} {_REASONS[status]}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
