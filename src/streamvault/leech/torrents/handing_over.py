"""A file of a web or FTP server that turns out to be a torrent: it is not posted itself."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from streamvault.errors import SourceRefused
from streamvault.leech.model import Described
from streamvault.leech.sources.base import Checkpoint, Opened, Source

TYPES = ("application/x-bittorrent", "application/x-torrent", "application/torrent")
LARGEST = 10 << 20
"""Bytes of a .torrent file."""


class IsTorrent(Exception):
    """The file is a torrent; `data`: its bytes."""

    def __init__(self, data: bytes) -> None:
        super().__init__("this is a torrent")
        self.data = data


class TorrentsApart:
    """`source` without torrents; `choosing`: files were chosen, as they can be of a torrent only."""

    def __init__(self, source: Source, *, choosing: bool) -> None:
        self._source, self._choosing = source, choosing

    @asynccontextmanager
    async def open(self, checkpoint: Checkpoint | None) -> AsyncIterator[Opened]:
        """See Source.open. Raises IsTorrent."""
        async with self._source.open(checkpoint) as opened:
            if checkpoint is None and is_torrent(opened.described):
                raise IsTorrent(await bytes_of(opened))
            if self._choosing:
                raise SourceRefused("this address is one file: files can be chosen of a torrent or a playlist only")
            yield opened


def is_torrent(described: Described) -> bool:
    """Whether a file is said to be one, by its type or name."""
    return described.mime_type in TYPES or described.name.lower().endswith(".torrent")


async def bytes_of(opened: Opened) -> bytes:
    """A .torrent file. Raises SourceRefused for one that is too large."""
    data = bytearray()
    async for block in opened.blocks:
        data += block
        if len(data) > LARGEST:
            raise SourceRefused(f"a .torrent file may have {LARGEST:,} bytes, and this one has more")
    return bytes(data)
