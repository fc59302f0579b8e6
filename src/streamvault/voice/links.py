"""Addresses on loopback by which ffmpeg reads files of the server: random, short-lived, and without the server's token.

A request is passed on to the server's /stream with the token in a header, and the answer is passed back at the pace at
which ffmpeg reads. While the server cannot be reached, a request waits; ffmpeg reconnects where an answer was cut.
"""

import asyncio
import contextlib
import logging
import secrets
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Self
from urllib.parse import SplitResult, urlsplit

log = logging.getLogger(__name__)

BLOCK = 64 << 10
"""Bytes that are held of an answer."""
MAX_HEAD = 16 << 10
HEAD_TIMEOUT = 10.0
PATIENCE, RETRY = 30.0, 0.5
"""Seconds for which a request waits for the server, and between two tries."""
_PASSED = ("range", "if-range", "icy-metadata")
"""Fields of a request that matter."""

TokenOf = Callable[[int, int], str]
"""A token for the file of a message; "" for none."""


class LoopbackLinks:
    """Implements ports.Links. `bases`: addresses of the server, the first one that answers is used."""

    def __init__(self, bases: Sequence[str], token_of: TokenOf) -> None:
        self._bases = [urlsplit(base) for base in bases]
        self._token_of = token_of
        self._files: dict[str, tuple[int, int]] = {}
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=MAX_HEAD)
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @contextmanager
    def link(self, chat_id: int, message_id: int) -> Iterator[str]:
        """See Links."""
        name = secrets.token_hex(16)
        self._files[name] = chat_id, message_id
        try:
            yield f"http://127.0.0.1:{self._port}/{name}"
        finally:
            del self._files[name]

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sock: socket.socket = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * BLOCK)
        writer.transport.set_write_buffer_limits(BLOCK)
        try:
            await self._pass_on(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError) as error:
            log.debug("a request of ffmpeg ended: %r", error)
        finally:
            writer.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(HEAD_TIMEOUT):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        request, *fields = head.split("\r\n")
        method, _, rest = request.partition(" ")
        file = self._files.get(rest.partition(" ")[0].lstrip("/"))
        if file is None or method not in ("GET", "HEAD"):
            writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            await writer.drain()
            return
        passed = [field for field in fields if field.partition(":")[0].lower() in _PASSED]
        gone = asyncio.create_task(reader.read(1))  # ffmpeg sends no more: the end alone
        answer = asyncio.create_task(self._answer(method, file, passed, writer))
        try:
            await asyncio.wait((gone, answer), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (gone, answer):
                task.cancel()
            results = await asyncio.gather(gone, answer, return_exceptions=True)
        if isinstance(results[1], OSError):
            raise results[1]

    async def _answer(
        self, method: str, file: tuple[int, int], fields: Sequence[str], writer: asyncio.StreamWriter
    ) -> None:
        base, source, target = await self._connect()
        try:
            target.write(_head(base, method, file, [*fields, *self._authorization(file)]))
            while block := await source.read(BLOCK):
                writer.write(block)
                await writer.drain()
            await writer.drain()
        finally:
            target.transport.abort()

    def _authorization(self, file: tuple[int, int]) -> list[str]:
        token = self._token_of(*file)
        return [f"Authorization: Bearer {token}"] if token else []

    async def _connect(self) -> tuple[SplitResult, asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to the first address of the server that takes one, as soon as one does within PATIENCE."""
        async with asyncio.timeout(PATIENCE):
            while True:
                for base in self._bases:
                    with contextlib.suppress(OSError):
                        secure = ssl.create_default_context() if base.scheme == "https" else None
                        port = base.port or (443 if secure else 80)
                        return base, *await asyncio.open_connection(base.hostname, port, ssl=secure, limit=BLOCK)
                await asyncio.sleep(RETRY)


def _head(base: SplitResult, method: str, file: tuple[int, int], fields: Sequence[str]) -> bytes:
    path = f"{base.path.rstrip('/')}/stream/{file[0]}/{file[1]}"
    lines = [f"{method} {path} HTTP/1.1", f"Host: {base.netloc}", "Connection: close", *fields, "", ""]
    return "\r\n".join(lines).encode("latin-1")
