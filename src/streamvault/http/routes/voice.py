"""Calls: what plays in the voice chats of groups and channels, and what comes next."""

import random
from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, HTTPException, Path, Request
from starlette.responses import JSONResponse, Response

from streamvault.access.identity import Identity
from streamvault.catalog.base import CatalogQuery
from streamvault.errors import FileMissing
from streamvault.http.addresses import client_of
from streamvault.http.dependencies import HttpServices, Services
from streamvault.http.get_and_head import get_and_head
from streamvault.http.middleware.access import identity_of
from streamvault.http.selection import Selection
from streamvault.http.visible import VisibleChats
from streamvault.http.voice_items import (
    CallChatItem,
    CallChatItems,
    CallItem,
    CallItems,
    LoopWish,
    PlayWish,
    QueueOrder,
    Seek,
    Volume,
    call_item,
)
from streamvault.media.model import MediaFile, Origin
from streamvault.voice import transitions
from streamvault.voice.calls import Calls, Change, new_entry_id
from streamvault.voice.files import is_playable, item_of, origin_in
from streamvault.voice.model import Call, Item, Loop

router = APIRouter(prefix="/api/voice", tags=["voice"])

_NO_STORE = {"Cache-Control": "no-store"}
EntryId = Annotated[str, Path(pattern="^[0-9a-f]{16}$")]
NOT_PLAYABLE = "That file has neither sound nor pictures."
NO_SUCH_FILE = "Nothing that can be played was found."
FOREIGN = (
    "Only addresses of this server's own pages and files are played in calls. Others can be fetched into a channel "
    "first: `/leech`, or POST /api/jobs."
)
_CHANGED: dict[int | str, dict[str, Any]] = {
    409: {
        "description": "It cannot be done in the state of the call, or nothing can be played here; the detail says why"
    },
}
_QUEUED: dict[int | str, dict[str, Any]] = {
    **_CHANGED,
    400: {"description": "Nothing is named, or what cannot be played; the detail says what"},
    404: {"description": "No such file, or none was found"},
    429: {"description": "The queue is full"},
}


@get_and_head(router, "", response_model=CallItems)
async def list_calls(*, services: Services) -> Response:
    """The calls in which something plays, waits or failed, those that changed last first."""
    found = await _calls(services).listed()
    body = CallItems(items=[call_item(one) for one in found], missing=services.voice_missing())
    return JSONResponse(body.model_dump(), headers=_NO_STORE)


@get_and_head(router, "/chats", response_model=CallChatItems)
async def list_chats(*, services: Services) -> Response:
    """The chats in whose calls can be played: those of the account that plays, and those where something does."""
    told = [] if services.call_chats is None else await services.call_chats.listed()
    items = [CallChatItem(chat_id=one.chat_id, title=one.title, open=one.open) for one in told]
    others = {call.chat_id for call in await _calls(services).listed()} - {one.chat_id for one in told}
    titles = await services.catalog.chats() if others else {}
    items += [CallChatItem(chat_id=one, title=titles.get(one, ""), open=True) for one in sorted(others)]
    return JSONResponse(CallChatItems(items=items).model_dump(), headers=_NO_STORE)


@get_and_head(router, "/{chat_id:chat}", response_model=CallItem)
async def get_call(chat_id: int, *, services: Services) -> Response:
    """What plays in the call of a chat, and what comes next; `idle` where nothing does."""
    return _one(await _calls(services).get(chat_id))


@router.post("/{chat_id:chat}/play", response_model=CallItem, responses=_QUEUED)
async def play(chat_id: int, asked: PlayWish, request: Request, chats: VisibleChats, *, services: Services) -> Response:
    """Play files in the call of a chat, or queue them. The call is joined; one is opened where the account may."""
    if sentence := services.voice_missing():
        raise HTTPException(409, sentence)
    identity = identity_of(request.scope)
    items = await _items(asked, identity, chats, services)

    def added(call: Call, now: float) -> Call:
        at_once = asked.now or asked.position is not None
        return transitions.added(
            call, items, now=now, at_once=at_once, position=asked.position or 0.0, owner=identity.role == "owner"
        )

    call = await _calls(services).change(chat_id, added)
    detail = f"{chat_id} {items[0].name}"[:500]
    services.access.audit.note("played", person=_person(identity), detail=detail, address=client_of(request.scope))
    return _one(call)


@router.post("/{chat_id:chat}/pause", response_model=CallItem, responses=_CHANGED)
async def pause(chat_id: int, *, services: Services) -> Response:
    """Silence until it is resumed."""
    return await _change(services, chat_id, lambda call, now: transitions.paused(call, now=now))


@router.post("/{chat_id:chat}/resume", response_model=CallItem, responses=_CHANGED)
async def resume(chat_id: int, *, services: Services) -> Response:
    """Go on after a pause or a failure."""
    return await _change(services, chat_id, lambda call, now: transitions.resumed(call, now=now))


@router.post("/{chat_id:chat}/skip", response_model=CallItem, responses=_CHANGED)
async def skip(chat_id: int, *, services: Services) -> Response:
    """Play the next entry of the queue; the call is left where there is none."""
    return await _change(services, chat_id, lambda call, now: transitions.skipped(call, now=now))


@router.post("/{chat_id:chat}/seek", response_model=CallItem, responses=_CHANGED)
async def seek(chat_id: int, asked: Seek, *, services: Services) -> Response:
    """Go on at another position."""
    return await _change(services, chat_id, lambda call, now: transitions.sought(call, asked.position, now=now))


@router.post("/{chat_id:chat}/volume", response_model=CallItem, responses=_CHANGED)
async def volume(chat_id: int, asked: Volume, *, services: Services) -> Response:
    """Louder or quieter, for everybody."""
    return await _change(services, chat_id, lambda call, now: transitions.with_volume(call, asked.volume, now=now))


@router.post("/{chat_id:chat}/loop", response_model=CallItem, responses=_CHANGED)
async def loop(chat_id: int, asked: LoopWish, *, services: Services) -> Response:
    """What is played again."""
    return await _change(services, chat_id, lambda call, now: transitions.with_loop(call, Loop(asked.loop), now=now))


@router.post("/{chat_id:chat}/shuffle", response_model=CallItem, responses=_CHANGED)
async def shuffle(chat_id: int, *, services: Services) -> Response:
    """Mix what comes next."""
    mix = random.SystemRandom().shuffle
    return await _change(services, chat_id, lambda call, now: transitions.shuffled(call, now=now, shuffle=mix))


@router.post("/{chat_id:chat}/stop", response_model=CallItem, responses=_CHANGED)
async def stop(chat_id: int, *, services: Services) -> Response:
    """Leave the call, and empty its queue."""
    return await _change(services, chat_id, lambda call, now: transitions.stopped(call, now=now))


@router.put("/{chat_id:chat}/queue", response_model=CallItem, responses=_CHANGED)
async def order_queue(chat_id: int, asked: QueueOrder, *, services: Services) -> Response:
    """Put the queue into another order."""
    return await _change(services, chat_id, lambda call, now: transitions.ordered(call, asked.ids, now=now))


@router.delete("/{chat_id:chat}/queue", response_model=CallItem, responses=_CHANGED)
async def empty_queue(chat_id: int, *, services: Services) -> Response:
    """Empty the queue; what plays goes on."""
    return await _change(services, chat_id, lambda call, now: transitions.emptied(call, now=now))


@router.delete("/{chat_id:chat}/queue/{id:id}", response_model=CallItem, responses=_QUEUED)
async def remove_entry(chat_id: int, id: EntryId, *, services: Services) -> Response:
    """Take one entry out of the queue."""
    return await _change(services, chat_id, lambda call, now: transitions.removed(call, id, now=now))


async def _items(asked: PlayWish, identity: Identity, chats: frozenset[int], services: HttpServices) -> Sequence[Item]:
    """Raises HTTPException, FileMissing."""
    files = await _files(asked, chats, services)
    make = partial(item_of, video=asked.video, track=asked.track, person=_person(identity))
    if not files:
        raise HTTPException(404, NO_SUCH_FILE)
    if not all(map(is_playable, files)):
        raise HTTPException(400, NOT_PLAYABLE)
    return [make(file, id=new_entry_id()) for file in files]


async def _files(asked: PlayWish, chats: frozenset[int], services: HttpServices) -> Sequence[MediaFile]:
    named = [Origin(one.chat_id, one.message_id) for one in asked.items]
    if sum(map(bool, (named, asked.query.strip(), asked.url))) != 1:
        raise HTTPException(400, "Name either items, a query or a url.")
    if asked.query:
        query: CatalogQuery = Selection.model_validate({"q": asked.query}).query(chats, limit=100)
        page = await services.catalog.page(query)
        return [one.file for one in page.items if is_playable(one.file)][: asked.limit]
    if asked.url:
        origin = origin_in(urlsplit(asked.url).path)
        if origin is None:
            raise HTTPException(400, FOREIGN)
        named = [origin]
    return [await _file(origin, chats, services) for origin in named]


async def _file(origin: Origin, chats: frozenset[int], services: HttpServices) -> MediaFile:
    if origin.chat_id not in chats:
        raise FileMissing("no such file")
    return await services.finder.find(origin.chat_id, origin.message_id)


async def _change(services: HttpServices, chat_id: int, change: Change) -> Response:
    return _one(await _calls(services).change(chat_id, change))


def _one(call: Call) -> Response:
    return JSONResponse(call_item(call).model_dump(), headers=_NO_STORE)


def _calls(services: HttpServices) -> Calls:
    assert services.calls is not None
    return services.calls


def _person(identity: Identity) -> int | None:
    return None if identity.person is None else identity.person.id
