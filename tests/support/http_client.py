"""A plain HTTP/1.1 client on raw sockets: it shows what was sent, complete or not, and repairs nothing."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

Address = tuple[str, int]


@dataclass
class Reply:
    """One answer; header names in lower case. `complete`: the body reached its Content-Length."""

    status: int
    headers: dict[str, str]
    body: bytes = b""
    complete: bool = False
    raw_headers: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Exchange:
    """An answer whose head has arrived, and the stream its body comes from."""

    reply: Reply
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def hang_up(self) -> None:
        """Cut the connection as a killed player does: reset, nothing more read."""
        self.writer.transport.abort()


async def request(
    address: Address,
    target: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    limit: int | None = None,
) -> Reply:
    """One request on its own connection; at most `limit` bytes of the body are read."""
    async with asyncio.timeout(60), opened(address, target, method=method, headers=headers) as exchange:
        reply = exchange.reply
        bodyless = method == "HEAD" or reply.status in (204, 304)
        length = 0 if bodyless else int(reply.headers["content-length"])
        wanted = length if limit is None else min(length, limit)
        try:
            reply.body = await exchange.reader.readexactly(wanted)
        except asyncio.IncompleteReadError as error:
            reply.body = error.partial
        reply.complete = len(reply.body) == length
        if reply.complete and reply.headers.get("connection") == "close":
            assert await exchange.reader.read(1) == b"", "bytes after the end of the body"
        return reply


@asynccontextmanager
async def opened(
    address: Address,
    target: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    receive_buffer: int | None = None,
) -> AsyncIterator[Exchange]:
    """Send one request (Connection: close) and read the head of its answer."""
    reader, writer = await connect(address, receive_buffer=receive_buffer)
    try:
        writer.write(head(address, target, method=method, headers=headers))
        yield Exchange(await read_head(reader), reader, writer)
    finally:
        writer.close()
        with suppress(ConnectionError):  # the server, or the test, may have reset it
            await writer.wait_closed()


async def connect(
    address: Address, *, receive_buffer: int | None = None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection; with `receive_buffer`, the kernel and this client hold about that many bytes."""
    raw = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    raw.setblocking(False)
    if receive_buffer is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    try:
        await asyncio.get_running_loop().sock_connect(raw, address)
    except BaseException:
        raw.close()
        raise
    return await asyncio.open_connection(sock=raw, limit=receive_buffer or 2**20)


def head(address: Address, target: str, *, method: str = "GET", headers: Mapping[str, str] | None = None) -> bytes:
    """The request itself, without a body."""
    fields = {"Host": f"{address[0]}:{address[1]}", "Connection": "close", **(headers or {})}
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


async def read_head(reader: asyncio.StreamReader) -> Reply:
    """Status line and fields of an answer."""
    text = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    status_line, *lines = text.rstrip("\r\n").split("\r\n")
    fields = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    return Reply(int(status_line.split(" ")[1]), dict(fields), raw_headers=fields)
