"""The caller's watch states, and the lists of files to continue and of finished ones."""

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

Place = Annotated[
    str | None, Query(pattern=r"^[0-9]{1,18}\.", max_length=200, description="`next_cursor` of the page before")
]
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
    cursor: Place = None,
    finished: Annotated[bool, Query(description="Instead of them those that were watched to their ends")] = False,
    *,
    services: Services,
    presenter: CallerPresenter,
    user: OptionalUser,
    chats: VisibleChats,
) -> Response:
    """The files that the caller began and has not finished, the latest first.

    Deleted files are left out until they are posted again, so a page may be short.
    """
    after = _place(cursor)
    found = await services.personal.watching(user, _AT_ONCE, finished=finished, after=after) if user else ()
    there = await services.catalog.held([one.file_unique_id for one in found], chats)
    shown = [one for one in found if one.file_unique_id in there]
    last = shown[limit - 1] if len(shown) > limit else found[-1] if len(found) == _AT_ONCE else None
    keys = [one.file_unique_id for one in shown[:limit]]
    entries = await entries_in_front(services.catalog, keys, chats=chats)
    items = presenter.items(entries, await personal_state(services, user, entries))
    return json_with_etag(request, Items(items=items, next_cursor=_cursor(last) if last else None))


def _cursor(last: Watched) -> str:
    return f"{last.updated}.{last.file_unique_id}"


def _place(cursor: str | None) -> tuple[int, str] | None:
    if cursor is None:
        return None
    updated, _, file = cursor.partition(".")
    return int(updated), file


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
