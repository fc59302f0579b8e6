"""The HTTP control API on loopback, by which another process drives the emulator: faults, counters, messages.

Standard library only. JSON in, JSON out; one request per connection. It has no login: it listens on
loopback only and refuses what a web page of another site could send (foreign Host or Origin, or a
body that is not application/json).
"""

import asyncio
import contextlib
import json
from types import TracebackType
from typing import Any, Self

from tgemulator.control.arguments import ControlError
from tgemulator.control.request import MAX_HEAD, check_origin, read_request
from tgemulator.control.routes import answer
from tgemulator.emulator import Emulator

_READ_TIMEOUT = 10.0
_MAX_CONNECTIONS = 64
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


class ControlServer:
    """Serves the control API of one emulator; an async context manager. Port 0 lets the system choose."""

    def __init__(self, emulator: Emulator, *, port: int = 0) -> None:
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
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self._port, limit=MAX_HEAD)
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
        """Serve a new connection in a task of its own: asyncio logs the cancellation of one that it makes itself."""
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
            return  # the caller has closed the connection
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
            check_origin(request)
            return 200, await answer(self._emulator, request)
        except ControlError as error:
            return error.status, {"error": str(error)}
        except TimeoutError:
            return 400, {"error": "the request took too long to arrive"}


def _response(status: int, value: Any) -> bytes:
    """A whole HTTP response."""
    body = json.dumps(value).encode() + b"\n"
    head = (
        f"HTTP/1.1 {status} {_REASONS[status]}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
