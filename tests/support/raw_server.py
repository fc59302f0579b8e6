"""A web server whose answers are written byte for byte by the test, over real sockets.

Each connection is one request; the script is called with it and writes what it likes: it may cut the connection, wait
for an event, or never answer.
"""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

Answer = bytes | Callable[["Talk"], Awaitable[None]]
"""An answer as it is sent, after which the connection ends; or what is done with a request."""


@dataclass
class Request:
    """`line` and `headers` as they came; names in lower case."""

    line: bytes
    headers: dict[str, str]

    @property
    def target(self) -> str:
        return self.line.split(b" ")[1].decode()

    def start(self) -> int:
        """The first byte asked for, 0 without a range."""
        return int(self.headers.get("range", "bytes=0-").removeprefix("bytes=").partition("-")[0])


@dataclass(eq=False)
class Talk:
    """One connection: its request, and what is sent to it."""

    request: Request
    writer: asyncio.StreamWriter

    def narrow(self) -> None:
        """Have the kernel keep little of what is sent: what was sent is nearly what was read."""
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 64 << 10)
        self.writer.transport.set_write_buffer_limits(high=64 << 10)

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def reset(self) -> None:
        """Break the connection after what was sent, if it can be told apart, by a reset."""
        self.writer.transport.abort()


@dataclass
class RawServer:
    """`answer`: by a request, or by its target. `requests`: all that came, in order; `most`: connections at once."""

    port: int = 0
    answer: Callable[[Request], Answer] = lambda _: b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    requests: list[Request] = field(default_factory=list)
    open: int = 0
    most: int = 0
    host: str = "127.0.0.1"
    scheme: str = "http"

    def url(self, target: str = "/film.mkv") -> str:
        return f"{self.scheme}://{self.host}:{self.port}{target}"

    @property
    def targets(self) -> list[str]:
        return [request.target for request in self.requests]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        self.most = max(self.most, self.open)
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                lines = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
                fields = [line.partition(b":") for line in lines[1:] if line]
                request = Request(lines[0], {n.decode().lower(): v.strip().decode("latin-1") for n, _, v in fields})
                self.requests.append(request)
                answer = self.answer(request)
                talk = Talk(request, writer)
                await (talk.send(answer) if isinstance(answer, bytes) else answer(talk))
        finally:
            self.open -= 1
            writer.close()


@contextlib.asynccontextmanager
async def raw_server(
    answer: Callable[[Request], Answer], *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> AsyncIterator[RawServer]:
    """A server on loopback, until the end of the block."""
    server = RawServer(answer=answer, host=host, scheme="https" if tls else "http")
    tasks: set[asyncio.Task[None]] = set()

    def begun(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(server._serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    listening = await asyncio.start_server(begun, host, 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def response(status: str, body: bytes = b"", **fields: Any) -> bytes:
    """An answer with these fields (underscores become hyphens) and a true Content-Length, unless that is given: None
    leaves a field out.
    """
    given = {name.replace("_", "-").lower(): value for name, value in fields.items()}
    given.setdefault("content-length", len(body))
    lines = [
        f"{name}: {value}".encode("utf-8", "surrogateescape") for name, value in given.items() if value is not None
    ]
    return b"\r\n".join([f"HTTP/1.1 {status}".encode(), *lines, b"", body])


def ranged(request: Request, data: bytes, **fields: Any) -> bytes:
    """What a faultless server answers for a file."""
    wanted = request.headers.get("range")
    if wanted is None or request.headers.get("if-range", fields.get("etag")) != fields.get("etag"):
        return response("200 OK", data, **fields)
    start = request.start()
    if start >= len(data):
        return response("416 Range Not Satisfiable", content_range=f"bytes */{len(data)}")
    told = f"bytes {start}-{len(data) - 1}/{len(data)}"
    return response("206 Partial Content", data[start:], content_range=told, **fields)


def chunked(*chunks: bytes) -> bytes:
    """A body in chunks."""
    return b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in (*chunks, b""))
