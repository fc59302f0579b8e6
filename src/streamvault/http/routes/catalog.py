"""The catalog over HTTP: lists of files, counts, single files. URLs are root-relative and carry their own token."""

import logging
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, JsonValue
from starlette.responses import Response

from streamvault.catalog.base import Entry
from streamvault.errors import CatalogError
from streamvault.http import paths as paths  # registers the convertors `chat` and `message`
from streamvault.http.dependencies import HttpServices, Services
from streamvault.http.etags import NOT_MODIFIED, fresh
from streamvault.http.facets import FacetCounts, counts
from streamvault.http.items import ITEM, Item, Items, Marks, Showing, Shown, shown
from streamvault.http.lookup import marks_of
from streamvault.http.readable import readable
from streamvault.http.selection import Filters, Selection
from streamvault.http.users import Reader
from streamvault.media.model import MediaFile

log = logging.getLogger(__name__)

router = APIRouter(prefix="/api/catalog", tags=["catalog"])

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
    """One message that holds the file; fields as in Item. `chat_title` is null where nobody has told it yet."""

    model_config = shown(_ORIGIN)

    chat_id: int
    chat_title: str | None
    message_id: int
    date: int
    caption: str
    album: str | None
    views: int | None
    forwarded_from: int | None


class FileItem(Item):
    """One file, and the messages of our channels that hold it, the newest first, 20 at most.

    A token for one file shows no other message than its own.
    """

    model_config = shown({**ITEM, "origins": [_ORIGIN]})

    origins: list[OriginItem]


@readable(router, "", response_model=Items, responses={400: {"description": "The cursor is wrong"}, **NOT_MODIFIED})
async def list_files(
    request: Request, filters: Annotated[Filters, Query()], *, services: Services, show: Shown, user: Reader
) -> Response:
    """The files of our channels, newest first unless asked otherwise; walk the pages with `next_cursor`."""
    ours = await services.finder.our_chats()
    page = await services.catalog.page(filters.sorted(ours, limit=filters.limit))
    items = show.items(page.items, await marks_of(services, user, page.items))
    next_cursor = page.next.encode() if page.next else None
    return fresh(request, Items(items=items, next_cursor=next_cursor, corrected=page.corrected or None))


@readable(router, "/facets", response_model=FacetCounts, responses=NOT_MODIFIED)
async def list_facets(request: Request, selection: Annotated[Selection, Query()], *, services: Services) -> Response:
    """How many files match, and how many of them have each value."""
    facets = await services.catalog.facets(selection.query(await services.finder.our_chats()))
    return fresh(request, counts(facets, titles=await services.catalog.chats()))


@readable(
    router,
    "/{chat_id:chat}/{message_id:message}",
    response_model=FileItem,
    responses={404: {"description": "No such file here"}, **NOT_MODIFIED},
)
async def get_file(
    request: Request, chat_id: int, message_id: int, *, services: Services, show: Shown, user: Reader
) -> Response:
    """One file, also one that is not in the catalog yet."""
    file = await services.finder.find(chat_id, message_id)
    services.prewarm(file)
    try:
        details = await _details(services, file, show=show, user=user)
    except CatalogError as error:
        log.warning("a file is shown without what only the database knows of it: %s", error)
        details = FileItem(**show.fields(Entry(file), Marks()), origins=[_origin(file, {})])
    return fresh(request, details)


async def _details(services: HttpServices, file: MediaFile, *, show: Showing, user: str | None) -> FileItem:
    entry = await services.catalog.entry(file.origin) or Entry(file)
    marks = await marks_of(services, user, [entry])
    titles = await services.catalog.chats()
    holders = await _holders(services, entry.file) if show.sees_all else [entry.file]
    return FileItem(**show.fields(entry, marks), origins=[_origin(holder, titles) for holder in holders])


async def _holders(services: HttpServices, file: MediaFile) -> list[MediaFile]:
    """The file as each of our messages shows it, the newest first; this one at least."""
    ours, catalog = await services.finder.our_chats(), services.catalog
    origins = [o for o in await catalog.origins(file.key.file_unique_id) if o.chat_id in ours]
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
