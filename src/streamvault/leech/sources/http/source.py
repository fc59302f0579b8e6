"""A file of a web server as a Source."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from types import MappingProxyType

from streamvault.leech.model import Described
from streamvault.leech.sources.base import Checkpoint, Opened
from streamvault.leech.sources.blocks import opened
from streamvault.leech.sources.http.begin import begin
from streamvault.leech.sources.http.client import Client
from streamvault.leech.sources.http.exchange import Answer
from streamvault.leech.sources.http.growth import is_recent, refuse_grown
from streamvault.leech.sources.http.resume import Resume
from streamvault.leech.sources.http.way import Way
from streamvault.leech.sources.stream import Stream
from streamvault.leech.sources.urls import parse_url


class HttpSource:
    """One address, http or https. Raises SourceRefused for another one. `headers`: see Way."""

    def __init__(self, client: Client, url: str, *, headers: Mapping[str, str] = MappingProxyType({})) -> None:
        self._client = client
        self._opening = _Opening(client, Way(client, parse_url(url), headers=headers))

    def open(self, checkpoint: Checkpoint | None) -> AbstractAsyncContextManager[Opened]:
        """See Source.open."""
        return opened(self._client, self._opening, checkpoint)


class _Opening:
    def __init__(self, client: Client, way: Way) -> None:
        self.host, self.key = str(way.first.host), way.first.shown
        self._client, self._way = client, way

    async def begin(self) -> tuple[Described, Stream[Answer], dict[str, str]]:
        return await begin(self._client, self._way)

    async def go_on(self, checkpoint: Checkpoint, state: dict[str, str]) -> tuple[Stream[Answer], bytes] | None:
        return await Resume(self._client, self._way, checkpoint, state).open()

    async def check_end(self, stream: Stream[Answer], size: int) -> None:
        stream.close()
        if stream.answer.status == 206 and is_recent(stream.answer.fields, self._client.wall()):
            await refuse_grown(self._client, self._way, size)
