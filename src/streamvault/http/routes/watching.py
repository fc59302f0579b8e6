"""The caller's watch states, and the list of files to continue."""

import time
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from streamvault.catalog.base import MAX_LIMIT
from streamvault.catalog.personal import Watched
from streamvault.http import paths as paths  # registers the convertors `chat` and `message`
from streamvault.http.dependencies import Services
from streamvault.http.etags import NOT_MODIFIED, Responses, json_with_etag
from streamvault.http.get_and_head import get_and_head
from streamvault.http.items import CallerPresenter, Items, WatchState, state, with_examples
from streamvault.http.lookup import entries_in_front, personal_state
from streamvault.http.users import OptionalUser, RequiredUser
from streamvault.http.viewers import Viewer
from streamvault.http.visible import VisibleChats

FINISHED = 0.95
"""The fraction of a file after which it counts as finished, as only the credits are left."""

_AT_ONCE = 1_000
"""Watch states that are examined for a list; the files of some may have been deleted."""

MAX_SECONDS = 10_000_000

router = APIRouter(prefix="/api/watch", tags=["personal"])

_FILE = "/{chat_id:chat}/{message_id:message}"
_NEVER = WatchState(position=0.0, duration=None, finished=False, updated=None)
_MISSING: Responses = {404: {"description": "No such file here"}}

Seconds = Annotated[float, Field(ge=0, le=MAX_SECONDS, allow_inf_nan=False)]


class Progress(BaseModel):
    """The player's position in seconds. `duration`: by default the file's own."""

    model_config = with_examples({"position": 1804.5, "duration": 5412.0}, {"position": 0, "finished": True})

    position: Seconds
    duration: Seconds | None = None
    finished: bool | None = Field(None, description="By default, whether 95 % were watched")


@get_and_head(router, "", response_model=Items, responses=NOT_MODIFIED)
async def continue_watching(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 20,
    *,
    services: Services,
    presenter: CallerPresenter,
    user: OptionalUser,
    chats: VisibleChats,
) -> Response:
    """The files that the caller began and has not finished, the latest first. There is no next page."""
    begun = await services.personal.watching(user, _AT_ONCE) if user else ()
    keys = [one.file_unique_id for one in begun]
    there = await services.catalog.held(keys, chats)
    entries = await entries_in_front(services.catalog, [key for key in keys if key in there][:limit], chats=chats)
    return json_with_etag(request, Items(items=presenter.items(entries, await personal_state(services, user, entries))))


@get_and_head(router, _FILE, response_model=WatchState, responses={**_MISSING, **NOT_MODIFIED})
async def get_watch(
    request: Request, chat_id: int, message_id: int, *, services: Services, viewer: Viewer, user: OptionalUser
) -> Response:
    """How far the caller watched this file, in whichever message."""
    key = (await services.finder.find(chat_id, message_id, viewer=viewer)).key.file_unique_id
    found = (await services.personal.watched(user, [key])).get(key) if user else None
    return json_with_etag(request, state(found) if found else _NEVER)


@router.put(_FILE, responses=_MISSING)
async def put_watch(
    chat_id: int, message_id: int, *, progress: Progress, services: Services, viewer: Viewer, user: RequiredUser
) -> WatchState:
    """Store how far the caller is; the answer sets the user's cookie."""
    file = await services.finder.find(chat_id, message_id, viewer=viewer)
    duration = file.duration if progress.duration is None else progress.duration
    finished = progress.finished
    if finished is None:
        finished = bool(duration) and progress.position >= FINISHED * (duration or 0.0)
    watched = Watched(
        file.key.file_unique_id, progress.position, duration=duration, finished=finished, updated=int(time.time())
    )
    await services.personal.set_watched(user, watched)
    return state(watched)


@router.delete(_FILE, status_code=204, responses=_MISSING)
async def delete_watch(
    chat_id: int, message_id: int, *, services: Services, viewer: Viewer, user: OptionalUser
) -> None:
    """Delete the watch state; does nothing when there is none."""
    file = await services.finder.find(chat_id, message_id, viewer=viewer)
    if user is not None:
        await services.personal.clear_watched(user, file.key.file_unique_id)
