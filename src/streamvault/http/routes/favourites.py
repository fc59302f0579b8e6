"""The caller's favourite files."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from streamvault.catalog.base import MAX_LIMIT
from streamvault.http import paths as paths  # registers the convertors `chat` and `message`
from streamvault.http.dependencies import Services
from streamvault.http.etags import NOT_MODIFIED, Responses, json_with_etag
from streamvault.http.get_and_head import get_and_head
from streamvault.http.items import CallerPresenter, Items
from streamvault.http.lookup import entries_in_front, personal_state
from streamvault.http.users import OptionalUser, RequiredUser
from streamvault.http.viewers import Viewer
from streamvault.http.visible import VisibleChats

router = APIRouter(prefix="/api/favourites", tags=["personal"])

_AT_ONCE = 1_000
"""Favourites that are examined for one page."""

_FILE = "/{chat_id:chat}/{message_id:message}"
_MISSING: Responses = {404: {"description": "No such file here"}}

Place = Annotated[int | None, Query(ge=0, lt=1 << 63, description="`next_cursor` of the page before")]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]


@get_and_head(router, "", response_model=Items, responses=NOT_MODIFIED)
async def list_favourites(
    request: Request,
    limit: Limit = 50,
    cursor: Place = None,
    *,
    services: Services,
    presenter: CallerPresenter,
    user: OptionalUser,
    chats: VisibleChats,
) -> Response:
    """The caller's favourites, the last added first.

    Deleted files are left out until they are posted again, so a page may be short.
    """
    found = await services.personal.favourites(user, _AT_ONCE, cursor) if user else ()
    there = await services.catalog.held([file for _, file in found], chats)
    places = [one for one in found if one[1] in there]
    last = places[limit - 1] if len(places) > limit else found[-1] if len(found) == _AT_ONCE else None
    entries = await entries_in_front(services.catalog, [file for _, file in places[:limit]], chats=chats)
    items = presenter.items(entries, await personal_state(services, user, entries))
    return json_with_etag(request, Items(items=items, next_cursor=str(last[0]) if last else None))


@router.put(_FILE, status_code=204, responses=_MISSING)
async def add_favourite(
    chat_id: int, message_id: int, *, services: Services, viewer: Viewer, user: RequiredUser
) -> None:
    """Add a file to the favourites; idempotent."""
    file = await services.finder.find(chat_id, message_id, viewer=viewer)
    await services.personal.set_favourite(user, file.key.file_unique_id, like=True)


@router.delete(_FILE, status_code=204, responses=_MISSING)
async def remove_favourite(
    chat_id: int, message_id: int, *, services: Services, viewer: Viewer, user: OptionalUser
) -> None:
    """Remove a file from the favourites; does nothing when it is none."""
    file = await services.finder.find(chat_id, message_id, viewer=viewer)
    if user is not None:
        await services.personal.set_favourite(user, file.key.file_unique_id, like=False)
