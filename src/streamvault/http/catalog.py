"""The catalog over HTTP: lists of files and single ones. URLs are root-relative and carry their own token."""

from typing import Annotated, Any, Protocol, cast

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from streamvault.access.urls import Urls
from streamvault.catalog.base import MAX_LIMIT, BadCursor, CatalogQuery, Cursor, Order, Sort
from streamvault.http import paths as paths  # registers the convertors `chat` and `message`
from streamvault.http.access import token_of
from streamvault.http.services import Finder, HttpServices, services_of
from streamvault.media.model import Kind, MediaFile

router = APIRouter(prefix="/api/catalog", tags=["catalog"])


def _caller(request: Request) -> str | None:
    return token_of(request.scope)


Services = Annotated[HttpServices, Depends(services_of)]
Caller = Annotated[str | None, Depends(_caller)]

_ITEM: dict[str, JsonValue] = {
    "chat_id": -1001234567890,
    "message_id": 42,
    "name": "Küche & Garten.mp4",
    "size": 734003200,
    "mime_type": "video/mp4",
    "kind": "video",
    "duration": 5412.0,
    "width": 1920,
    "height": 1080,
    "date": 1767225600,
    "edit_date": None,
    "caption": "Episode 3",
    "title": "",
    "performer": "",
    "file_unique_id": "AgADqQADx3pQUw",
    "stream_url": "/stream/-1001234567890/42/K%C3%BCche%20%26%20Garten.mp4",
    "thumb_url": "/thumb/-1001234567890/42",
}
_PROBLEMS: dict[int | str, dict[str, Any]] = {
    401: {"description": "A link token or a login is needed"},
    403: {"description": "The token does not open this"},
    503: {"description": "The catalog is not available; Retry-After says when to come back"},
}


class Item(BaseModel):
    """One file. `size` in bytes, `duration` in seconds, dates in Unix seconds; null where Telegram tells nothing."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"examples": [_ITEM]})

    chat_id: int
    message_id: int
    name: str
    size: int
    mime_type: str
    kind: Kind
    duration: float | None
    width: int | None
    height: int | None
    date: int
    edit_date: int | None
    caption: str
    title: str
    performer: str
    file_unique_id: str
    stream_url: str
    thumb_url: str | None


class Items(BaseModel):
    """One page; `next_cursor` asks for the one after it, null at the end."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"examples": [{"items": [_ITEM], "next_cursor": None}]})

    items: list[Item]
    next_cursor: str | None


class Filters(BaseModel):
    """What to list, in which order."""

    model_config = ConfigDict(frozen=True)

    q: str = Field("", max_length=200, description="Words that all occur in name, caption, title or performer")
    kind: Kind | None = None
    chat_id: int | None = Field(None, ge=-(1 << 63), lt=1 << 63)
    sort: Sort = "date"
    order: Order = "desc"
    limit: int = Field(50, ge=1, le=MAX_LIMIT)
    cursor: str | None = Field(None, max_length=16_384, description="`next_cursor` of the page before")


class _ChatFinder(Finder, Protocol):
    async def our_chats(self) -> frozenset[int]:
        """Every chat whose files may be shown."""
        ...


@router.get("", responses={400: {"description": "The cursor is not one of this list"}, **_PROBLEMS})
async def list_files(filters: Annotated[Filters, Query()], *, services: Services, caller: Caller) -> Items:
    """The files of our channels, newest first unless asked otherwise; walk the pages with `next_cursor`."""
    query = _query(filters, ours=await cast(_ChatFinder, services.finder).our_chats())
    page = await services.catalog.page(query)
    urls = Urls(services.settings, services.links)
    items = [_item(entry.file, urls, caller=caller) for entry in page.items]
    return Items(items=items, next_cursor=page.next.encode() if page.next else None)


@router.get("/{chat_id:chat}/{message_id:message}", responses={404: {"description": "No such file here"}, **_PROBLEMS})
async def get_file(chat_id: int, message_id: int, *, services: Services, caller: Caller) -> Item:
    """One file, also one that is not in the catalog yet."""
    file = await services.finder.find(chat_id, message_id)
    services.prewarm(file)
    return _item(file, Urls(services.settings, services.links), caller=caller)


def _query(filters: Filters, *, ours: frozenset[int]) -> CatalogQuery:
    try:
        after = filters.cursor and Cursor.decode(filters.cursor, sort=filters.sort, order=filters.order)
    except BadCursor as error:
        raise HTTPException(400, f"Begin again without a cursor: {error}.") from error
    return CatalogQuery(
        text=filters.q,
        kind=filters.kind,
        chat_ids=ours if filters.chat_id is None else ours & {filters.chat_id},
        sort=filters.sort,
        order=filters.order,
        limit=filters.limit,
        after=after or None,
    )


def _item(file: MediaFile, urls: Urls, *, caller: str | None) -> Item:
    return Item(
        chat_id=file.origin.chat_id,
        message_id=file.origin.message_id,
        name=file.name,
        size=file.size,
        mime_type=file.mime_type,
        kind=file.kind,
        duration=file.duration,
        width=file.width,
        height=file.height,
        date=file.date,
        edit_date=file.edit_date,
        caption=file.caption,
        title=file.title,
        performer=file.performer,
        file_unique_id=file.key.file_unique_id,
        stream_url=urls.stream_path(file, caller=caller),
        thumb_url=urls.thumb_path(file, caller=caller),
    )
