"""How far the caller watched each file, and what they have begun."""

import time
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from streamvault.catalog.base import MAX_LIMIT
from streamvault.catalog.personal import Watched
from streamvault.http import paths as paths  # registers the convertors `chat` and `message`
from streamvault.http.dependencies import Services
from streamvault.http.etags import NOT_MODIFIED, Answers, fresh
from streamvault.http.items import Items, Shown, WatchState, shown, state
from streamvault.http.lookup import marks_of, newest
from streamvault.http.readable import readable
from streamvault.http.users import Reader, Writer

FINISHED = 0.95
"""Part of a file after which only the credits are left."""

_AT_ONCE = 1_000
"""Files that were begun and may be gone since, which are looked at for a list."""

MAX_SECONDS = 10_000_000

router = APIRouter(prefix="/api/watch", tags=["personal"])

_FILE = "/{chat_id:chat}/{message_id:message}"
_NEVER = WatchState(position=0.0, duration=None, finished=False, updated=None)
_MISSING: Answers = {404: {"description": "No such file here"}}

Seconds = Annotated[float, Field(ge=0, le=MAX_SECONDS, allow_inf_nan=False)]


class Progress(BaseModel):
    """Where the player is, in seconds. `duration`: the file's own where it is not given."""

    model_config = shown({"position": 1804.5, "duration": 5412.0}, {"position": 0, "finished": True})

    position: Seconds
    duration: Seconds | None = None
    finished: bool | None = Field(None, description="Where it is not given: whether 95 % are behind")


@readable(router, "", response_model=Items, responses=NOT_MODIFIED)
async def continue_watching(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 20,
    *,
    services: Services,
    show: Shown,
    user: Reader,
) -> Response:
    """What the caller has begun and not finished, the latest first. There is no next page."""
    begun = await services.personal.watching(user, _AT_ONCE) if user else ()
    ours = await services.finder.our_chats()
    keys = [one.file_unique_id for one in begun]
    there = await services.catalog.held(keys, ours)
    entries = await newest(services.catalog, [key for key in keys if key in there][:limit], ours=ours)
    return fresh(request, Items(items=show.items(entries, await marks_of(services, user, entries))))


@readable(router, _FILE, response_model=WatchState, responses={**_MISSING, **NOT_MODIFIED})
async def get_watch(request: Request, chat_id: int, message_id: int, *, services: Services, user: Reader) -> Response:
    """How far the caller watched this file, whichever message showed it."""
    key = (await services.finder.find(chat_id, message_id)).key.file_unique_id
    found = (await services.personal.watched(user, [key])).get(key) if user else None
    return fresh(request, state(found) if found else _NEVER)


@router.put(_FILE, responses=_MISSING)
async def put_watch(
    chat_id: int, message_id: int, *, progress: Progress, services: Services, user: Writer
) -> WatchState:
    """Remember how far the caller is; the first time, the answer sets the cookie that says who they are."""
    file = await services.finder.find(chat_id, message_id)
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
async def delete_watch(chat_id: int, message_id: int, *, services: Services, user: Reader) -> None:
    """Forget it; nothing happens where there was nothing."""
    file = await services.finder.find(chat_id, message_id)
    if user is not None:
        await services.personal.clear_watched(user, file.key.file_unique_id)
