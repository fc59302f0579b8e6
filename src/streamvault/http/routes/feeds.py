"""Feeds: what is followed, what would be taken of a feed, and what is taken when much is new at once."""

from typing import Any

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import JSONResponse, Response

from streamvault.access.audit import What
from streamvault.errors import SourceFailed
from streamvault.http.addresses import client_of
from streamvault.http.dependencies import HttpServices, Services
from streamvault.http.feed_items import (
    FeedAnswer,
    FeedItem,
    FeedItems,
    NewFeed,
    TriedFeed,
    TriedItems,
    feed_item,
    tried_item,
)
from streamvault.http.get_and_head import get_and_head
from streamvault.http.leech_chats import NO_BOT, chat_for, whose_jobs
from streamvault.http.middleware.access import identity_of
from streamvault.leech.feeds.model import Feed
from streamvault.leech.feeds.service import Feeds, WantedFeed
from streamvault.leech.model import Options

router = APIRouter(prefix="/api/feeds", tags=["leech"])

_NO_STORE = {"Cache-Control": "no-store"}
MAX_TRIED = 200
"""Items of a feed that was tried which are shown, the first ones."""

_MISSING: dict[int | str, dict[str, Any]] = {404: {"description": "No such feed of the caller"}}


@get_and_head(router, "", response_model=FeedItems)
async def list_feeds(request: Request, *, services: Services) -> Response:
    """The caller's feeds, the latest first; an owner sees all."""
    found = await _feeds(services).listed(person=whose_jobs(identity_of(request.scope)))
    body = FeedItems(items=[feed_item(one) for one in found])
    return JSONResponse(body.model_dump(), headers=_NO_STORE)


@router.post(
    "", status_code=201, response_model=FeedItem,
    responses={
        200: {"description": "The caller follows it already: this feed", "model": FeedItem},
        400: {"description": "No address of a feed, or rules that cannot be; the detail says why"},
        404: {"description": "This server does not serve that channel"},
        409: {"description": "This server has no leech bot, or no channel where no `chat_id` is named"},
        429: {"description": "There are too many feeds"},
    },
)  # fmt: skip
async def add_feed(asked: NewFeed, request: Request, *, services: Services) -> Response:
    """Follow a feed: what is new in it becomes jobs. It is looked at by the worker, the first time at once."""
    if services.settings.leech_bot_token is None:
        raise HTTPException(409, NO_BOT)
    identity = identity_of(request.scope)
    chat_id = await chat_for(asked.chat_id, identity, services)
    wanted = WantedFeed(
        asked.address, chat_id, None if identity.person is None else identity.person.id, asked.rules,
        Options(as_document=asked.as_document), float(asked.every), asked.existing,
    )  # fmt: skip
    added = await _feeds(services).add(wanted)
    if added.new:
        _note(services, "feed added", added.feed, request)
    return _one(added.feed, status=201 if added.new else 200)


@router.post(
    "/try", response_model=TriedItems,
    responses={
        400: {"description": "No feed is there, or the rules cannot be; the detail says why"},
        424: {"description": "The feed cannot be read now; the detail says why"},
        429: {"description": "Too many feeds are being tried"},
    },
)  # fmt: skip
async def try_feed(asked: TriedFeed, *, services: Services) -> Response:
    """What would be taken of a feed as it is now, and why its other items would not be. Nothing is stored."""
    try:
        tried = await _feeds(services).try_out(asked.address, asked.rules)
    except SourceFailed as error:
        raise HTTPException(424, str(error)) from error
    items = [tried_item(one) for one in tried.verdicts[:MAX_TRIED]]
    body = TriedItems(
        title=tried.title.encode(errors="replace").decode(), items=items, more=len(tried.verdicts) - len(items)
    )
    return JSONResponse(body.model_dump(), headers=_NO_STORE)


@get_and_head(router, "/{id:id}", response_model=FeedItem, responses=_MISSING)
async def get_feed(id: str, request: Request, *, services: Services) -> Response:
    """One feed."""
    return _one(await _feeds(services).get(id, person=whose_jobs(identity_of(request.scope))))


@router.delete("/{id:id}", status_code=204, responses=_MISSING)
async def remove_feed(id: str, request: Request, *, services: Services) -> Response:
    """Follow a feed no longer. Its jobs, and what they have posted, stay."""
    feed = await _feeds(services).remove(id, person=whose_jobs(identity_of(request.scope)))
    _note(services, "feed removed", feed, request)
    return Response(status_code=204)


@router.post(
    "/{id:id}/answer", response_model=FeedItem,
    responses={**_MISSING, 409: {"description": "The feed has no question"}},
)  # fmt: skip
async def answer_feed(id: str, answer: FeedAnswer, request: Request, *, services: Services) -> Response:
    """Say which of the items in `question` are taken."""
    whose = whose_jobs(identity_of(request.scope))
    return _one(await _feeds(services).answer(id, answer.take, person=whose))


@router.post("/{id:id}/retry", response_model=FeedItem, responses=_MISSING)
async def retry_feed(id: str, request: Request, *, services: Services) -> Response:
    """Have a feed looked at now, also one that is stopped."""
    return _one(await _feeds(services).try_again(id, person=whose_jobs(identity_of(request.scope))))


def _feeds(services: HttpServices) -> Feeds:
    if services.feeds is None:
        raise RuntimeError("this server has no feeds")
    return services.feeds


def _note(services: HttpServices, what: What, feed: Feed, request: Request) -> None:
    person = identity_of(request.scope).person
    services.access.audit.note(
        what, person=None if person is None else person.id, detail=f"{feed.id} {feed.address}"[:300],
        address=client_of(request.scope),
    )  # fmt: skip


def _one(feed: Feed, *, status: int = 200) -> Response:
    return JSONResponse(feed_item(feed).model_dump(), status_code=status, headers=_NO_STORE)
