"""A video that is one file of a web server, as a Source: a fresh link each time that it is opened."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace

from streamvault.errors import LeechError, LinkExpired, SourceFailed
from streamvault.leech.model import Described
from streamvault.leech.sources.base import Checkpoint, Opened, SourceChanged
from streamvault.leech.sources.http.client import Client
from streamvault.leech.sources.http.source import HttpSource
from streamvault.leech.ytdlp.lines import Entry
from streamvault.leech.ytdlp.naming import video_name
from streamvault.media.types import is_playable, type_of

_NOT_SENT = frozenset(
    {"accept-encoding", "authorization", "connection", "content-length", "cookie", "host", "if-range", "range"}
)
"""Fields that are the HTTP source's own, or go to no other host."""
FRESH = 300.0
"""Seconds for which links are taken to be good."""
VIDEO = "ytdlp"
"""In Opened.state: the id of the video, so that another one is not taken for it."""


class PlainVideo:
    """`look` asks yt-dlp for the video again; `entry` is the first answer, if it is fresh. An answer is used for FRESH
    seconds of the client's clock, or until a link of it fails.
    """

    def __init__(self, client: Client, look: Callable[[], Awaitable[Entry]], entry: Entry | None = None) -> None:
        self._client = client
        self._look = look
        self._entry, self._asked = entry, client.clock()

    @asynccontextmanager
    async def open(self, checkpoint: Checkpoint | None) -> AsyncIterator[Opened]:
        """See Source.open. Raises SourceChanged where the video is no single file any more."""
        entry = await self._fresh()
        try:
            async with self._opened(entry, checkpoint) as opened:
                yield opened
        except LeechError:
            self._entry = None
            raise

    async def _fresh(self) -> Entry:
        if self._entry is None or self._client.clock() >= self._asked + FRESH:
            self._entry, self._asked = await self._look(), self._client.clock()
        return self._entry

    @asynccontextmanager
    async def _opened(self, entry: Entry, checkpoint: Checkpoint | None) -> AsyncIterator[Opened]:
        if not entry.is_plain or (checkpoint is not None and (checkpoint.state or {}).get(VIDEO) != entry.id):
            raise SourceChanged
        assert entry.url is not None
        source = HttpSource(self._client, entry.url, headers=sent_headers(entry.headers or {}))
        try:
            async with source.open(checkpoint) as opened:
                opened.state[VIDEO] = entry.id
                described = opened.described if opened.offset else _named(opened.described, entry)
                yield replace(opened, described=described, blocks=_expiring(opened.blocks))
        except LinkExpired as error:
            raise SourceFailed(f"{error} (a fresh one is asked for)") from error


def sent_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Those of a site that a request of ours has too."""
    fit = {name: value for name, value in headers.items() if name.lower() not in _NOT_SENT}
    return {name: value for name, value in fit.items() if (name + value).isascii() and (name + value).isprintable()}


def _named(described: Described, entry: Entry) -> Described:
    name = video_name(entry)
    told = type_of(name)
    return replace(described, name=name, mime_type=told if is_playable(told) else described.mime_type)


async def _expiring(blocks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Raises SourceFailed where the link expires while it is read: the next attempt has a fresh one."""
    try:
        async for block in blocks:
            yield block
    except LinkExpired as error:
        raise SourceFailed(f"{error} (a fresh one is asked for)") from error
