"""Any list of files as an M3U playlist, read from the catalog page by page while it is sent."""

import dataclasses
from collections.abc import AsyncIterator, Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response, StreamingResponse

from streamvault.catalog.base import MAX_LIMIT, Catalog, CatalogQuery, Page
from streamvault.http import m3u
from streamvault.http.dependencies import Services
from streamvault.http.etags import NOT_MODIFIED, Responses, body_with_etag
from streamvault.http.get_and_head import get_and_head
from streamvault.http.headers import content_disposition
from streamvault.http.items import CallerPresenter, Presenter
from streamvault.http.middleware.access import identity_of
from streamvault.http.selection import SortedSelection
from streamvault.http.visible import VisibleChats, linked_collection, narrowed, opens_collection

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
                'group-title="Films",Garten.mp4\nhttps://tv.example.org/stream/-1001234567890/42/Garten.mp4\n',
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
    chats: VisibleChats,
) -> Response:
    """The same list as M3U for VLC, Kodi and others, without files that no player can open.

    Every URL begins with PUBLIC_URL and carries a token, valid as long as those in lists. A playlist of up to 200 files
    has an entity tag; a longer one is generated while it is sent. As `.m3u` for players that take `.m3u8` for HLS.
    """
    ending, media_type = ("m3u", MEDIA_TYPE_M3U) if request.scope["path"].endswith(".m3u") else ("m3u8", MEDIA_TYPE)
    identity = identity_of(request.scope)
    query = narrowed(filters, identity).sorted(chats, limit=min(filters.limit, MAX_LIMIT))
    fields = {
        "Cache-Control": "private, no-cache",
        "Content-Disposition": content_disposition(f"{filters.q.strip() or 'StreamVault'}.{ending}", download=True),
        "Vary": "Authorization",
        "X-Content-Type-Options": "nosniff",
    }
    titles = await services.catalog.chats()
    if opens_collection(identity):
        entries, _ = await linked_collection(services, identity, chats=chats, limit=MAX_ENTRIES, cursor=None)
        text = m3u.HEAD + "".join(_lines(Page(tuple(entries), None), presenter, titles=titles))
        return body_with_etag(request, text.encode(), media_type=media_type, fields=fields)
    first = await services.catalog.page(query)
    body = _body(services.catalog, query, first=first, limit=filters.limit, presenter=presenter, titles=titles)
    if first.next is None or filters.limit <= MAX_LIMIT:
        return body_with_etag(
            request, "".join([text async for text in body]).encode(), media_type=media_type, fields=fields
        )
    if request.method == "HEAD":
        return StreamingResponse(_nothing(), headers=fields, media_type=media_type)
    return StreamingResponse(body, headers=fields, media_type=media_type)


async def _nothing() -> AsyncIterator[str]:
    """An empty body without Content-Length."""
    yield ""


async def _body(
    catalog: Catalog, query: CatalogQuery, *, first: Page, limit: int, presenter: Presenter, titles: Mapping[int, str]
) -> AsyncIterator[str]:
    page, left = first, limit
    yield m3u.HEAD
    while True:
        yield "".join(_lines(page, presenter, titles=titles))
        left -= len(page.items)
        if page.next is None or left <= 0:
            break
        query = dataclasses.replace(query, after=page.next, limit=min(left, MAX_LIMIT))
        page = await catalog.page(query)
    if page.next is not None:
        yield m3u.comment(
            f"There are more than these {limit}: narrow the query, or go on with cursor={page.next.encode()}"
        )


def _lines(page: Page, presenter: Presenter, *, titles: Mapping[int, str]) -> list[str]:
    parts: list[str] = []
    for entry in page.items:
        if m3u.is_playable(entry.file):
            address, cover = presenter.addresses(entry)
            parts.append(
                m3u.lines(
                    entry.file,
                    address=presenter.urls.absolute(address),
                    cover=presenter.urls.absolute(cover) if cover else None,
                    group=titles.get(entry.file.origin.chat_id),
                )
            )
    return parts
