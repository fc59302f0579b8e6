"""The files that the caller does not want to see in lists."""

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from streamvault.catalog.personal import MAX_HIDDEN
from streamvault.http import paths as paths  # registers the convertors `chat` and `message`
from streamvault.http.dependencies import HttpServices, Services
from streamvault.http.etags import NOT_MODIFIED, Responses, json_with_etag
from streamvault.http.get_and_head import get_and_head
from streamvault.http.items import CallerPresenter, Items
from streamvault.http.lookup import entries_in_front, personal_state
from streamvault.http.routes.favourites import Limit, Place
from streamvault.http.users import OptionalUser, RequiredUser
from streamvault.http.viewers import Viewer
from streamvault.http.visible import VisibleChats

router = APIRouter(prefix="/api/hidden", tags=["personal"])

_FILE = "/{chat_id:chat}/{message_id:message}"
_MISSING: Responses = {404: {"description": "No such file here"}}


@get_and_head(router, "", response_model=Items, responses=NOT_MODIFIED)
async def list_hidden(
    request: Request,
    limit: Limit = 50,
    cursor: Place = None,
    *,
    services: Services,
    presenter: CallerPresenter,
    user: OptionalUser,
    chats: VisibleChats,
) -> Response:
    """What the caller has hidden, in no special order. Deleted files are left out until they are posted again.

    Those do not count: once too many are hidden, they are forgotten.
    """
    hidden = sorted(await services.personal.hidden(user)) if user else []
    there = await services.catalog.held(hidden, chats)
    files, first = [file for file in hidden if file in there], cursor or 0
    entries = await entries_in_front(services.catalog, files[first : first + limit], chats=chats)
    items = presenter.items(entries, await personal_state(services, user, entries))
    following = str(first + limit) if len(files) > first + limit else None
    return json_with_etag(request, Items(items=items, next_cursor=following))


@router.put(_FILE, status_code=204, responses={409: {"description": "Too many are hidden already"}, **_MISSING})
async def hide(chat_id: int, message_id: int, *, services: Services, viewer: Viewer, user: RequiredUser) -> None:
    """Leave a file out of the caller's lists, unless they ask with `hidden=true`; idempotent."""
    file = await services.finder.find(chat_id, message_id, viewer=viewer)
    try:
        await _hide(services, user, file.key.file_unique_id)
    except ValueError as error:
        raise HTTPException(409, f"{MAX_HIDDEN} files are hidden: show some of them again first.") from error


@router.delete(_FILE, status_code=204, responses=_MISSING)
async def show(chat_id: int, message_id: int, *, services: Services, viewer: Viewer, user: OptionalUser) -> None:
    """Show a file in lists again; does nothing when it is not hidden."""
    file = await services.finder.find(chat_id, message_id, viewer=viewer)
    if user is not None:
        await services.personal.set_hidden(user, file.key.file_unique_id, hidden=False)


async def _hide(services: HttpServices, user: str, file_unique_id: str) -> None:
    """Raises ValueError where as many others are hidden that some message of this server still holds."""
    try:
        await services.personal.set_hidden(user, file_unique_id, hidden=True)
    except ValueError:
        hidden = await services.personal.hidden(user)
        there = await services.catalog.held(sorted(hidden), await services.finder.our_chats())
        if hidden <= there:
            raise
        await services.personal.forget_hidden(user, sorted(hidden - there))
        await services.personal.set_hidden(user, file_unique_id, hidden=True)
