"""Any list of files as an M3U playlist, read from the catalog page by page while it is sent."""

import dataclasses
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response, StreamingResponse

from streamvault.catalog.base import MAX_LIMIT, Catalog, CatalogQuery, Entry, Page
from streamvault.http import m3u
from streamvault.http.dependencies import HttpServices, Services
from streamvault.http.etags import NOT_MODIFIED, Responses, body_with_etag
from streamvault.http.get_and_head import get_and_head
from streamvault.http.headers import content_disposition
from streamvault.http.hiding import without_hidden
from streamvault.http.items import CallerPresenter, Presenter
from streamvault.http.lookup import entries_in_front
from streamvault.http.middleware.access import identity_of
from streamvault.http.selection import SortedSelection
from streamvault.http.users import OptionalUser
from streamvault.http.versions import Summaries, summaries, summary_of
from streamvault.http.visible import VisibleChats, linked_keys, narrowed, opens_collection

MAX_ENTRIES = 5_000
"""Files of one playlist; players slow down with more."""

MEDIA_TYPE, MEDIA_TYPE_M3U = "application/x-mpegurl", "audio/x-mpegurl"
"""Of the same list: some players take the first for HLS."""

router = APIRouter(tags=["catalog"])


class PlaylistFilters(SortedSelection):
    """The files of a playlist."""

    limit: int = Field(MAX_ENTRIES, ge=1, le=MAX_ENTRIES)


_ANSWERS: Responses = {
    200: {
        "description": "Extended M3U in UTF-8",
        "content": {
            MEDIA_TYPE: {
                "schema": {"type": "string"},
                "example": '#EXTM3U\n#EXTINF:5412 tvg-logo="https://tv.example.org/thumb/-1001234567890/42" '
                'group-title="Films" browser="direct",Garten.mp4\nhttps://tv.example.org/stream/-1001234567890/42/Garten.mp4\n',
            }
        },
    },
    400: {"description": "The cursor is wrong"},
    **NOT_MODIFIED,
}


_ANSWERS_M3U: Responses = {**_ANSWERS, 200: {"description": "The same", "content": {MEDIA_TYPE_M3U: {}}}}


@get_and_head(router, "/api/catalog.m3u", response_class=Response, responses=_ANSWERS_M3U)
@get_and_head(router, "/api/catalog.m3u8", response_class=Response, responses=_ANSWERS)
async def playlist(
    request: Request,
    filters: Annotated[PlaylistFilters, Query()],
    *,
    services: Services,
    presenter: CallerPresenter,
    user: OptionalUser,
    chats: VisibleChats,
) -> Response:
    """The same list as M3U for VLC, Kodi and others, without files that no player can open.

    Every URL begins with PUBLIC_URL and carries a token, valid as long as those in lists. A playlist of up to 200 files
    has an entity tag; a longer one is generated while it is sent. The attribute `browser` says how the file plays in a
    browser (direct, hls, player or unknown; see `plays` of works), `browser-reason` why. As `.m3u` for players that
    take `.m3u8` for HLS.
    """
    ending, media_type = ("m3u", MEDIA_TYPE_M3U) if request.scope["path"].endswith(".m3u") else ("m3u8", MEDIA_TYPE)
    identity = identity_of(request.scope)
    fields = {
        "Cache-Control": "private, no-cache",
        "Content-Disposition": content_disposition(f"{filters.q.strip() or 'StreamVault'}.{ending}", download=True),
        "Vary": "Authorization",
        "X-Content-Type-Options": "nosniff",
    }
    if opens_collection(identity):
        keys, first = await linked_keys(services, identity, chats=chats, cursor=filters.cursor)
        end = first + filters.limit
        parts = _linked_parts(services.catalog, keys, first=first, end=end, chats=chats)
        short = len(keys[first:end]) <= MAX_LIMIT
    else:
        query = narrowed(filters, identity).sorted(chats, limit=min(filters.limit, MAX_LIMIT))
        query = await without_hidden(services, user, query, hidden=filters.hidden)
        page = await services.catalog.page(query)
        parts = _parts(services.catalog, query, first=page, limit=filters.limit)
        short = page.next is None or filters.limit <= MAX_LIMIT
    if not short and request.method == "HEAD":
        return StreamingResponse(_nothing(), headers=fields, media_type=media_type)
    titles = await services.catalog.chats()
    body = _body(parts, services, limit=filters.limit, presenter=presenter, titles=titles)
    if short:
        whole = "".join([text async for text in body]).encode()
        return body_with_etag(request, whole, media_type=media_type, fields=fields)
    return StreamingResponse(body, headers=fields, media_type=media_type)


async def _nothing() -> AsyncIterator[str]:
    """An empty body without Content-Length."""
    yield ""


Part = tuple[Sequence[Entry], str | None]
"""Some files of a list, and the cursor of those that follow, None at the end."""


async def _parts(catalog: Catalog, query: CatalogQuery, *, first: Page, limit: int) -> AsyncIterator[Part]:
    page, left = first, limit
    while True:
        yield page.items, page.next.encode() if page.next else None
        left -= len(page.items)
        if page.next is None or left <= 0:
            return
        query = dataclasses.replace(query, after=page.next, limit=min(left, MAX_LIMIT))
        page = await catalog.page(query)


async def _linked_parts(
    catalog: Catalog, keys: Sequence[str], *, first: int, end: int, chats: frozenset[int]
) -> AsyncIterator[Part]:
    """The files of a collection from `first` on, up to `end`."""
    for begin in range(first, min(end, len(keys)), MAX_LIMIT):
        following = min(begin + MAX_LIMIT, end)
        entries = await entries_in_front(catalog, keys[begin:following], chats=chats)
        yield entries, str(following) if following < len(keys) else None


async def _body(
    parts: AsyncIterator[Part], services: HttpServices, *, limit: int, presenter: Presenter, titles: Mapping[int, str]
) -> AsyncIterator[str]:
    yield m3u.HEAD
    following: str | None = None
    async for part in parts:
        entries, following = part
        known = await summaries(services, entries)
        yield "".join(_lines(entries, presenter, titles=titles, known=known))
    if following is not None:
        yield m3u.comment(f"There are more than these {limit}: narrow the query, or go on with cursor={following}")


def _lines(entries: Sequence[Entry], presenter: Presenter, *, titles: Mapping[int, str], known: Summaries) -> list[str]:
    parts: list[str] = []
    for entry in entries:
        if m3u.is_playable(entry.file):
            address, cover = presenter.addresses(entry)
            plays = summary_of(entry, known)
            parts.append(
                m3u.lines(
                    entry.file,
                    address=presenter.urls.absolute(address),
                    cover=presenter.urls.absolute(cover) if cover else None,
                    group=titles.get(entry.file.origin.chat_id),
                    browser=None if plays is None else (plays.way, "" if plays.way == "unknown" else plays.reason),
                )
            )
    return parts
