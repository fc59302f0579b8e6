"""Everything that changes, as server-sent events: walks, the catalog, accounts, streams."""

import asyncio
import json
import logging
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Annotated, cast

from fastapi import APIRouter, Header, HTTPException, Query, Request
from starlette.responses import Response

from streamvault.access.decision import NOT_YOURS
from streamvault.errors import AccessDenied, CatalogError
from streamvault.http.dependencies import HttpServices, Services
from streamvault.http.event_hub import TOPICS, EventHub, Listener, Topic
from streamvault.http.event_stream import RESPONSES, EventStream
from streamvault.http.get_and_head import get_and_head
from streamvault.http.middleware.access import identity_of
from streamvault.http.routes.event_topics import SAMPLED, Topics, refused

log = logging.getLogger(__name__)

router = APIRouter(prefix="/api/events", tags=["events"])

GATHER = 0.2
"""Seconds in which changes become one event: a walk makes many."""

SAMPLE = 2.0
"""Seconds between two looks at accounts and streams, while somebody listens."""

LONGEST = 900.0
"""Seconds after which a stream ends, so that whoever listens is asked again who they are; the next one goes on where
this one ended."""

_FIRST = ": events\nretry: 1000\n\n"
_ANY = "|".join(TOPICS)

Place = Mapping[Topic, int]
"""The number of the last change of each topic that somebody was told of."""

Names = Annotated[
    str,
    Query(
        description=f"Separated by commas: {', '.join(TOPICS)}",
        json_schema_extra={"pattern": f"^({_ANY})(,({_ANY}))*$"},
        examples=["index,catalog"],
    ),
]
LastId = Annotated[str, Header(max_length=400, description="`id` of the last event that was received")]


@get_and_head(
    router,
    "",
    response_class=Response,
    responses={
        **RESPONSES,
        401: {"description": "A credential is needed"},
        403: {"description": "Some of the topics are for others"},
        503: {"description": "Too many streams, or the server is not ready; Retry-After says when to come back"},
    },
)
async def events(request: Request, topics: Names, last_event_id: LastId = "", *, services: Services) -> Response:
    """Server-sent events, named by their topics: first the present state of each, then what changes.

    The data are an object with `snapshot`: true for the present state. `index`: `walks` as in `/api/index`; in a
    change those that have changed. `catalog`: `files` and `bytes`; in a change `added`, `changed` and `removed`
    messages, and `more` where others have changed too. `accounts`: `conditions` as in `/api/stats` and, for those with
    the right `index`, `accounts`. `streams`, for owners: `active`, `bytes` sent since the start, and `viewers`: to
    whom, of what. `jobs` and `voice` are empty on this server. Who comes back with `Last-Event-ID` gets what was
    missed; after too much of it, or another start of the server, the present state.
    """
    wanted = _topics(topics)
    who = identity_of(request.scope)
    if others := refused(wanted, who):
        detail = f"{NOT_YOURS.rstrip('.')}. Not for you: {', '.join(others)}."
        raise AccessDenied(detail, authenticated=who.via not in ("none", "public"))
    seconds = LONGEST if who.expires_at is None else min(LONGEST, who.expires_at - time.time())
    told = _place(services.events, wanted, last_event_id)
    opened = partial(_source, services, Topics(services, who), wanted, told, seconds=seconds)
    return EventStream(opened, services.event_slots, first=_FIRST, head_only=request.method == "HEAD")


class _Source:
    """What one who listens is told."""

    def __init__(self, hub: EventHub, listener: Listener, topics: Topics, wanted: Sequence[Topic], told: Place) -> None:
        self._hub = hub
        self._listener = listener
        self._topics = topics
        self._wanted = deque(wanted)
        self._told = dict(told)
        self._pause = SAMPLE if SAMPLED.intersection(wanted) else None
        self.end = listener.end

    async def next(self) -> str | None:
        """See EventSource."""
        while not self._listener.ended:
            self._listener.changed.clear()
            try:
                text = await self._first_due()
            except CatalogError as error:
                log.info("an event stream ends, as the database failed: %s", error)
                return None
            if text is not None:
                return text
            await self._wait()
        return None

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(self._pause):
                await self._listener.changed.wait()
        except TimeoutError:
            self._topics.sample(self._wanted)
            return
        if not self._listener.ended:
            await asyncio.sleep(GATHER)

    async def _first_due(self) -> str | None:
        """The event of the first topic that has one; the topic is asked last the next time."""
        for topic in list(self._wanted):
            told, number = self._told.get(topic), self._hub.number(topic)
            if told == number:
                continue
            changes = None if told is None else self._hub.since(topic, told)
            if changes is None:
                body = {"snapshot": True} | await self._topics.snapshot(topic)
            else:
                changed = await self._topics.change(topic, changes)
                body = {} if changed is None else {"snapshot": False} | changed
            self._told[topic] = number
            if body:
                self._wanted.remove(topic)
                self._wanted.append(topic)
                return self._event(topic, body)
        return None

    def _event(self, topic: Topic, body: Mapping[str, object]) -> str:
        place = ",".join(f"{one}:{number}" for one, number in self._told.items())
        return f"event: {topic}\nid: {self._hub.epoch}.{place}\ndata: {json.dumps(body, separators=(',', ':'))}\n\n"


@contextmanager
def _source(
    services: HttpServices, topics: Topics, wanted: Sequence[Topic], told: Place, *, seconds: float
) -> Iterator[_Source]:
    with services.events.listening() as listener:
        later = asyncio.get_running_loop().call_later(max(0.0, seconds), listener.end)
        topics.sample(wanted)
        try:
            yield _Source(services.events, listener, topics, wanted, told)
        finally:
            later.cancel()


def _topics(text: str) -> list[Topic]:
    """The topics of a request. Raises HTTPException 422."""
    asked = list(dict.fromkeys(name.strip() for name in text.split(",")))
    if unknown := [name for name in asked if name not in TOPICS]:
        raise HTTPException(422, f"No such topic: {', '.join(unknown) or 'none'}. There are: {', '.join(TOPICS)}.")
    return cast(list[Topic], asked)


def _place(hub: EventHub, topics: Sequence[Topic], id: str) -> Place:
    """What an `id` says that was told of these topics; nothing where it is not of this server since its start."""
    epoch, _, place = id.partition(".")
    if epoch != hub.epoch:
        return {}
    told = dict(one.split(":", 1) for one in place.split(",") if ":" in one)
    return {topic: int(told[topic]) for topic in topics if told.get(topic, "").isdecimal()}
