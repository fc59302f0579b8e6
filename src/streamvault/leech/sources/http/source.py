"""A file of a web server as a Source."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from streamvault.errors import SourceFailed, SourceRefused
from streamvault.leech.model import Described
from streamvault.leech.sources.base import Checkpoint, Opened
from streamvault.leech.sources.http.begin import begin
from streamvault.leech.sources.http.client import Client
from streamvault.leech.sources.http.growth import is_recent, refuse_grown
from streamvault.leech.sources.http.resume import Resume
from streamvault.leech.sources.http.stream import Stream
from streamvault.leech.sources.http.way import Way
from streamvault.leech.sources.http.wire import Cut
from streamvault.leech.sources.tails import Tail
from streamvault.leech.sources.urls import parse_url

OVERLAP = 4096
"""Bytes that are fetched again where an answer was only a part of the range."""


class HttpSource:
    """One address, http or https. Raises SourceRefused for another one."""

    def __init__(self, client: Client, url: str) -> None:
        self._client = client
        self._way = Way(client, parse_url(url))

    @asynccontextmanager
    async def open(self, checkpoint: Checkpoint | None) -> AsyncIterator[Opened]:
        """See Source.open."""
        blocks = _Blocks(self._client, self._way)
        try:
            described = await blocks.open(checkpoint)
            yield Opened(described, blocks.position, blocks, blocks.state)
        finally:
            blocks.close()


class _Blocks(AsyncIterator[bytes]):
    """The bytes of the file in order, over as many answers as it takes."""

    def __init__(self, client: Client, way: Way) -> None:
        self.position = 0
        self.state: dict[str, str] = {}
        self._client, self._way = client, way
        self._described: Described | None = None
        self._stream: Stream | None = None
        self._tail = Tail()
        self._given_at: float | None = None
        self._unread = 0.0
        """Seconds in which nobody read from the latest answer."""
        self._begun_at = 0
        """The position at which the latest answer began."""

    async def open(self, checkpoint: Checkpoint | None) -> Described:
        if checkpoint is None or not checkpoint.offset:
            self._described, self._stream, self.state = await begin(self._client, self._way)
            return self._described
        self._described, self.position = checkpoint.described, checkpoint.offset
        self.state.update(checkpoint.state or {})
        grew = self._client.hosts.grew(self._way.first.shown)
        if checkpoint.offset != checkpoint.described.size or grew:
            await self._go_on(checkpoint)
        return self._described

    def close(self) -> None:
        if self._stream is not None:
            self._stream.answer.close()
            self._stream = None

    async def __anext__(self) -> bytes:
        if self._given_at is not None:
            self._unread += self._client.clock() - self._given_at
        while self._stream is not None:
            block = await self._read(self._stream)
            if block:
                self._refuse_endless()
                self._given_at = self._client.clock()
                return block
        raise StopAsyncIteration

    async def _read(self, stream: Stream) -> bytes:
        """The next block, or b"" after which there may be another stream."""
        try:
            block = await stream.read()
        except Cut as error:
            self._lost(stream, error)
            await self._reopen()
            return b""
        if block:
            self._tail.add(block)
            self.position += len(block)
        elif stream.last or self.position == self._size or (self._size is None and self.position == self._begun_at):
            await self._end(stream)
        else:
            self._lost(stream, None)
            await self._reopen()
        return block

    async def _end(self, stream: Stream) -> None:
        self.close()
        size, fields = self._size, stream.answer.fields
        if size is not None and stream.answer.status == 206 and is_recent(fields, self._client.wall()):
            await refuse_grown(self._client, self._way, size)

    def _lost(self, stream: Stream, error: Cut | None) -> None:
        """Raises SourceFailed, unless the answer was a part of what was asked for, or we kept it waiting."""
        progress = self.position > self._begun_at
        if progress and (error is None or self._unread >= self._client.limits.idle):
            return
        host, size = stream.answer.url.host, self._size
        of = "" if size is None else f" of {size:,}"
        raise SourceFailed(f"{host} {error or 'stopped sending'} after {self.position:,}{of} bytes")

    async def _reopen(self) -> None:
        assert self._described is not None
        self.close()
        await self._go_on(Checkpoint(self._described, self.position, self._tail.mark(OVERLAP), self.state))

    async def _go_on(self, checkpoint: Checkpoint) -> None:
        opened = await Resume(self._client, self._way, checkpoint, self.state).open()
        self._unread, self._begun_at = 0.0, self.position
        if opened is not None:
            self._stream, before = opened
            self._tail = Tail()
            self._tail.add(before)

    @property
    def _size(self) -> int | None:
        return self._described.size if self._described else None

    def _refuse_endless(self) -> None:
        if self._size is None and self.position > self._client.limits.largest:
            raise SourceRefused(
                f"{self._way.first.host} does not tell the size of the file, "
                f"and sends more than {self._client.limits.largest:,} bytes"
            )
