"""Lists of files, facets, and single files. The URLs in them are root-relative and carry their own token."""

import logging
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, JsonValue
from starlette.responses import Response

from streamvault.catalog.base import Entry
from streamvault.errors import CatalogError
from streamvault.http import paths as paths  # registers the convertors `chat` and `message`
from streamvault.http.dependencies import HttpServices, Services
from streamvault.http.etags import NOT_MODIFIED, json_with_etag
from streamvault.http.facets import FacetCounts, facet_counts
from streamvault.http.get_and_head import get_and_head
from streamvault.http.hiding import without_hidden
from streamvault.http.histogram import HistogramCounts, histogram_counts
from streamvault.http.items import ITEM, CallerPresenter, Item, Items, PersonalState, Presenter, with_examples
from streamvault.http.lookup import personal_state
from streamvault.http.middleware.access import identity_of
from streamvault.http.selection import Filters, HistogramFilters, Selection
from streamvault.http.users import OptionalUser
from streamvault.http.viewers import Viewer
from streamvault.http.visible import VisibleChats, linked_collection, narrowed, opens_collection
from streamvault.media.model import MediaFile

log = logging.getLogger(__name__)

router = APIRouter(prefix="/api/catalog", tags=["catalog"])

_NONE_OF_IT = frozenset[int]()
"""A link to a collection says nothing of other files."""

_ORIGIN: dict[str, JsonValue] = {
    "chat_id": -1001234567890,
    "chat_title": "Films",
    "message_id": 42,
    "date": 1767225600,
    "caption": "Episode 3 #garten",
    "album": None,
    "views": 1280,
    "forwarded_from": None,
}


class OriginItem(BaseModel):
    """One message that holds the file; fields as in Item. `chat_title` is null where it is not known yet."""

    model_config = with_examples(_ORIGIN)

    chat_id: int
    chat_title: str | None
    message_id: int
    date: int
    caption: str
    album: str | None
    views: int | None
    forwarded_from: int | None


class FileItem(Item):
    """One file, and the messages of this server's channels that hold it, at most 20: a channel's own posts, forwarded
    ones, and messages in groups, the newest first.

    With a token for one file, only that message is shown.
    """

    model_config = with_examples({**ITEM, "origins": [_ORIGIN]})

    origins: list[OriginItem]


@get_and_head(
    router,
    "",
    response_model=Items,
    responses={400: {"description": "The cursor is wrong, or there is an offset beside it"}, **NOT_MODIFIED},
)
async def list_files(
    request: Request,
    filters: Annotated[Filters, Query()],
    *,
    services: Services,
    presenter: CallerPresenter,
    user: OptionalUser,
    chats: VisibleChats,
) -> Response:
    """The files of this server's channels, by default newest first; get the next page with `next_cursor`.

    `offset` jumps to a place in the list, as `/api/catalog/histogram` tells them.
    """
    filters.check()
    identity = identity_of(request.scope)
    if opens_collection(identity):
        place = str(filters.offset) if filters.offset else filters.cursor
        entries, following = await linked_collection(services, identity, chats=chats, limit=filters.limit, cursor=place)
        shown = presenter.items(entries, await personal_state(services, user, entries))
        return json_with_etag(request, Items(items=shown, next_cursor=following))
    query = narrowed(filters, identity).sorted(chats, limit=filters.limit)
    query = await without_hidden(services, user, query, hidden=filters.hidden)
    page = await services.catalog.page(query)
    items = presenter.items(page.items, await personal_state(services, user, page.items))
    next_cursor = page.next.encode() if page.next else None
    return json_with_etag(request, Items(items=items, next_cursor=next_cursor, corrected=page.corrected or None))


@get_and_head(router, "/facets", response_model=FacetCounts, responses=NOT_MODIFIED)
async def list_facets(
    request: Request,
    selection: Annotated[Selection, Query()],
    *,
    services: Services,
    user: OptionalUser,
    chats: VisibleChats,
) -> Response:
    """How many files match, and how many of them have each value."""
    identity = identity_of(request.scope)
    within = _NONE_OF_IT if opens_collection(identity) else chats
    query = narrowed(selection, identity).query(within)
    query = await without_hidden(services, user, query, hidden=selection.hidden)
    facets = await services.catalog.facets(query)
    return json_with_etag(request, facet_counts(facets, titles=await services.catalog.chats()))


@get_and_head(
    router,
    "/histogram",
    response_model=HistogramCounts,
    responses={400: {"description": "The list has another order"}, **NOT_MODIFIED},
)
async def list_histogram(
    request: Request,
    filters: Annotated[HistogramFilters, Query()],
    *,
    services: Services,
    user: OptionalUser,
    chats: VisibleChats,
) -> Response:
    """How many items of a list each month or letter has, in the list's order; `offset` of the list jumps to one."""
    identity = identity_of(request.scope)
    within = _NONE_OF_IT if opens_collection(identity) else chats
    query = narrowed(filters, identity).sorted(within)
    query = await without_hidden(services, user, query, hidden=filters.hidden)
    return json_with_etag(request, histogram_counts(await services.catalog.histogram(query)))


@get_and_head(
    router,
    "/{chat_id:chat}/{message_id:message}",
    response_model=FileItem,
    responses={404: {"description": "No such file here"}, **NOT_MODIFIED},
)
async def get_file(
    request: Request,
    chat_id: int,
    message_id: int,
    *,
    services: Services,
    viewer: Viewer,
    presenter: CallerPresenter,
    user: OptionalUser,
    chats: VisibleChats,
) -> Response:
    """One file, also one that is not in the catalog yet."""
    file = await services.finder.find(chat_id, message_id, viewer=viewer)
    services.prewarm(file)
    try:
        details = await _details(services, file, presenter=presenter, user=user, chats=chats)
    except CatalogError as error:
        log.warning("a file is shown without its facts and personal data, as the database failed: %s", error)
        details = FileItem(**presenter.fields(Entry(file), PersonalState()), origins=[_origin(file, {})])
    return json_with_etag(request, details)


async def _details(
    services: HttpServices, file: MediaFile, *, presenter: Presenter, user: str | None, chats: frozenset[int]
) -> FileItem:
    entry = await services.catalog.entry(file.origin) or Entry(file)
    personal = await personal_state(services, user, [entry])
    titles = await services.catalog.chats()
    holders = await _holders(services, entry.file, chats) if presenter.sees_all else [entry.file]
    return FileItem(**presenter.fields(entry, personal), origins=[_origin(holder, titles) for holder in holders])


async def _holders(services: HttpServices, file: MediaFile, chats: frozenset[int]) -> list[MediaFile]:
    """The file in each message of this server's chats, as `Catalog.origins` orders them; at least the given one."""
    catalog = services.catalog
    origins = [o for o in await catalog.origins(file.key.file_unique_id) if o.chat_id in chats]
    holders = [file if origin == file.origin else await catalog.get(origin) for origin in origins]
    return [holder for holder in holders if holder is not None] or [file]


def _origin(file: MediaFile, titles: dict[int, str]) -> OriginItem:
    return OriginItem(
        chat_id=file.origin.chat_id,
        chat_title=titles.get(file.origin.chat_id),
        message_id=file.origin.message_id,
        date=file.date,
        caption=file.caption,
        album=None if file.album is None else str(file.album),
        views=file.views,
        forwarded_from=file.forwarded_from,
    )
