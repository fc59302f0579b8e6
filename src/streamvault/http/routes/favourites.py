"""The files that the caller likes."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from streamvault.catalog.base import MAX_LIMIT
from streamvault.http import paths as paths  # registers the convertors `chat` and `message`
from streamvault.http.dependencies import Services
from streamvault.http.etags import NOT_MODIFIED, Answers, fresh
from streamvault.http.items import Items, Shown
from streamvault.http.lookup import marks_of, newest
from streamvault.http.readable import readable
from streamvault.http.users import Reader, Writer

router = APIRouter(prefix="/api/favourites", tags=["personal"])

_AT_ONCE = 1_000
"""Favourites that are looked at for one page."""

_FILE = "/{chat_id:chat}/{message_id:message}"
_MISSING: Answers = {404: {"description": "No such file here"}}

Place = Annotated[int | None, Query(ge=0, lt=1 << 63, description="`next_cursor` of the page before")]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]


@readable(router, "", response_model=Items, responses=NOT_MODIFIED)
async def list_favourites(
    request: Request, limit: Limit = 50, cursor: Place = None, *, services: Services, show: Shown, user: Reader
) -> Response:
    """What the caller likes, the last added first.

    Files that are gone are left out until they are posted again; a page behind many of them may be short.
    """
    found = await services.personal.favourites(user, _AT_ONCE, cursor) if user else ()
    ours = await services.finder.our_chats()
    there = await services.catalog.held([file for _, file in found], ours)
    places = [one for one in found if one[1] in there]
    last = places[limit - 1] if len(places) > limit else found[-1] if len(found) == _AT_ONCE else None
    entries = await newest(services.catalog, [file for _, file in places[:limit]], ours=ours)
    items = show.items(entries, await marks_of(services, user, entries))
    return fresh(request, Items(items=items, next_cursor=str(last[0]) if last else None))


@router.put(_FILE, status_code=204, responses=_MISSING)
async def add_favourite(chat_id: int, message_id: int, *, services: Services, user: Writer) -> None:
    """Like this file; twice is as once."""
    file = await services.finder.find(chat_id, message_id)
    await services.personal.set_favourite(user, file.key.file_unique_id, like=True)


@router.delete(_FILE, status_code=204, responses=_MISSING)
async def remove_favourite(chat_id: int, message_id: int, *, services: Services, user: Reader) -> None:
    """Like it no more; nothing happens where there was nothing."""
    file = await services.finder.find(chat_id, message_id)
    if user is not None:
        await services.personal.set_favourite(user, file.key.file_unique_id, like=False)
