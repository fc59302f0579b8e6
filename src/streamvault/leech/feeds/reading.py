"""Looks at feeds: a GET through the egress guard, only for a newer document where there is one already."""

import asyncio
from dataclasses import dataclass
from typing import Protocol

from streamvault.errors import SourceFailed, SourceRefused
from streamvault.leech.feeds.apart import parse_apart
from streamvault.leech.feeds.model import Parsed
from streamvault.leech.feeds.transitions import Answered
from streamvault.leech.sources.http.client import Client
from streamvault.leech.sources.http.codings import Decoder, codings_of
from streamvault.leech.sources.http.exchange import Answer
from streamvault.leech.sources.http.ranges import content_length
from streamvault.leech.sources.http.way import Way
from streamvault.leech.sources.urls import parse_url
from streamvault.leech.sources.wire import Cut

LARGEST = 8 << 20
"""Bytes of a feed, as they come and decoded."""
SECONDS = 30.0
"""For one look, without parsing."""
_VALIDATOR = 512
"""Bytes of the longest ETag or date that is kept."""


class FeedGone(SourceRefused):
    """The feed says that it is gone for good (410)."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a look gave. `parsed`: None where there is nothing newer."""

    answered: Answered
    parsed: Parsed | None


class Reader(Protocol):
    """Looks at a feed."""

    async def look(self, address: str, *, etag: str | None = None, modified: str | None = None) -> Look:
        """The document, or that it is still the one with these validators. Raises FeedGone, SourceRefused,
        SourceFailed.
        """
        ...


class FeedReader:
    """By the HTTP client of sources, one of its own, whose connections no download holds."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def look(self, address: str, *, etag: str | None = None, modified: str | None = None) -> Look:
        """See Reader."""
        way = Way(self._client, parse_url(address), also=frozenset({304, 410}))
        try:
            async with asyncio.timeout(SECONDS):
                answer, data, cut = await self._fetched(way, _conditions(etag, modified))
        except TimeoutError:
            raise SourceFailed(f"{way.first.host} did not give the feed within {SECONDS:.0f} seconds") from None
        fields = answer.fields
        told = Answered(_kept(fields.text("etag")), _kept(fields.text("last-modified")), _moved(way))
        if answer.status == 304:
            return Look(told, None)
        return Look(told, await parse_apart(data, fields.text("content-type") or "", cut=cut))

    async def _fetched(self, way: Way, conditions: list[tuple[bytes, bytes]]) -> tuple[Answer, bytes, bool]:
        """The answer, which is closed, its body, and whether its end is missing."""
        answer = await way.get(conditions, begun=False)
        try:
            if answer.status == 410:
                raise FeedGone(f"{answer.url.host} says that the feed is gone for good (410)")
            if answer.status not in (200, 203, 304):
                raise SourceFailed(f"{answer.url.host} answers without a feed ({answer.status})")
            data, cut = (b"", False) if answer.status == 304 else await _body(answer)
        finally:
            answer.close()
        return answer, data, cut


async def _body(answer: Answer) -> tuple[bytes, bool]:
    """The body, decoded, and whether its end is missing. Raises SourceRefused where it is too large."""
    length = content_length(answer.fields)
    if length is not None and length > LARGEST:
        raise _too_large(answer)
    codings = codings_of(answer.fields)
    decoder = Decoder(codings, str(answer.url.host)) if codings else None
    blocks, size, cut = [], 0, False
    while True:
        try:
            block = await answer.read()
        except Cut:
            cut = True
            break
        if not block:
            break
        for part in decoder.decode(block) if decoder else (block,):
            size += len(part)
            if size > LARGEST:
                raise _too_large(answer)
            blocks.append(part)
    if cut and not blocks:
        raise SourceFailed(f"{answer.url.host} closed the connection before the feed came")
    return b"".join(blocks), cut or (decoder is not None and not decoder.ended)


def _too_large(answer: Answer) -> SourceRefused:
    return SourceRefused(f"the document at {answer.url.host} is larger than {LARGEST >> 20} MiB, which no feed is")


def _conditions(etag: str | None, modified: str | None) -> list[tuple[bytes, bytes]]:
    given = ((b"If-None-Match", etag), (b"If-Modified-Since", modified))
    return [(name, value.encode("latin-1")) for name, value in given if value is not None]


def _kept(value: str | None) -> str | None:
    return value if value and len(value) <= _VALIDATOR else None


def _moved(way: Way) -> str | None:
    """Where permanent redirects alone lead to, from the first address on; None where they lead nowhere else."""
    return way.settled.shown if way.settled != way.first else None
