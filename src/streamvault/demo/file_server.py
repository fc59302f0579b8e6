"""The web server that the demo's leech bot fetches from: a few files on loopback, by ranges, some of them slowly."""

import asyncio
import contextlib
import ipaddress
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import quote, unquote

from streamvault.errors import RangeNotSatisfiable
from streamvault.media.byterange import ByteRange, parse_range
from tgemulator.world.content import Content

HOSTS = ("127.0.0.77", "127.0.0.1")
"""Addresses to listen on, the preferred one first: one of its own, which not every system has, is all that the leech
bot may reach then.
"""
BLOCK = 16 << 10
"""Bytes that are sent at a time; slow files in blocks of at most a second."""
PATIENCE = 30.0
"""Seconds that a request may take to come."""

_REQUEST = re.compile(rb"(GET|HEAD) (/[!-~]*) HTTP/1\.[01]\r\n", re.ASCII)
_RANGE = re.compile(rb"\r\nrange:[ \t]*([!-~ ]*)\r\n", re.IGNORECASE)
_HEAD = 16 << 10


@dataclass(frozen=True, slots=True)
class Served:
    """A file of the server. `pace`: bytes a second at an offset, None for as fast as it goes."""

    content: Content
    mime_type: str
    pace: Callable[[int], float] | None = None


@dataclass(frozen=True, slots=True)
class FileServer:
    """A server that listens. `files` by their names may be added to while it does."""

    host: str
    port: int
    files: dict[str, Served]

    @property
    def network(self) -> ipaddress.IPv4Network:
        """The network that it alone lies in, where it has an address of its own."""
        return ipaddress.IPv4Network(f"{self.host}/32")

    def url(self, name: str = "") -> str:
        """The address of a file."""
        return f"http://{self.host}:{self.port}/{quote(name)}"


@asynccontextmanager
async def file_server(files: Mapping[str, Served]) -> AsyncIterator[FileServer]:
    """Serve these files, and those that are added, on a free port of loopback within the context."""
    held, open_ = dict(files), set[asyncio.Task[None]]()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(_answer(reader, writer, held))
        open_.add(task)
        task.add_done_callback(open_.discard)

    server = await _listening(connected)
    host, port = server.sockets[0].getsockname()[:2]
    try:
        yield FileServer(host, port, held)
    finally:
        server.close()
        for task in tuple(open_):
            task.cancel()
        await asyncio.gather(*open_, return_exceptions=True)


async def _listening(connected: Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]) -> asyncio.Server:
    for host in HOSTS[:-1]:
        with contextlib.suppress(OSError):
            return await asyncio.start_server(connected, host, 0, limit=_HEAD)
    return await asyncio.start_server(connected, HOSTS[-1], 0, limit=_HEAD)


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, files: Mapping[str, Served]) -> None:
    """Answer one request, and close."""
    try:
        async with asyncio.timeout(PATIENCE):
            head = await reader.readuntil(b"\r\n\r\n")
        await _send(writer, head, files)
    except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        pass  # the client went, or sends no request
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def _send(writer: asyncio.StreamWriter, head: bytes, files: Mapping[str, Served]) -> None:
    request = _REQUEST.match(head)
    name = "" if request is None else unquote(request[2].decode("ascii").partition("?")[0]).removeprefix("/")
    served = files.get(name)
    if request is None or served is None:
        writer.write(_fields("404 Not Found" if request else "400 Bad Request", length=0))
        await writer.drain()
        return
    size, asked = served.content.size, _RANGE.search(head)
    try:
        ranges = parse_range(asked[1].decode("latin-1").strip() if asked else None, size)
    except RangeNotSatisfiable:
        writer.write(_fields("416 Range Not Satisfiable", length=0, content_range=f"bytes */{size}"))
        await writer.drain()
        return
    part = ranges[0] if ranges and len(ranges) == 1 else None
    sent = part or ByteRange(0, size)
    told = None if part is None else f"bytes {part.start}-{part.stop - 1}/{size}"
    status = "200 OK" if part is None else "206 Partial Content"
    writer.write(_fields(status, served, length=sent.length, content_range=told, name=name))
    await writer.drain()
    if request[1] == b"GET":
        await _send_bytes(writer, served, sent)


async def _send_bytes(writer: asyncio.StreamWriter, served: Served, sent: ByteRange) -> None:
    at = sent.start
    while at < sent.stop:
        pace = served.pace(at) if served.pace else None
        most = BLOCK if pace is None else max(1, min(BLOCK, int(pace)))
        block = served.content.read(at, min(most, sent.stop - at))
        writer.write(block)
        await writer.drain()
        at += len(block)
        if pace is not None:
            await asyncio.sleep(len(block) / pace)


def _fields(
    status: str, served: Served | None = None, *, length: int, content_range: str | None = None, name: str = ""
) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {length}", "Connection: close"]
    if served is not None:
        tag = f'"{len(name)}-{served.content.size}"'
        lines += [f"Content-Type: {served.mime_type}", "Accept-Ranges: bytes", f"ETag: {tag}"]
    if content_range is not None:
        lines.append(f"Content-Range: {content_range}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1")
