"""Walks through the history of chats: started, listed, and followed as server-sent events."""

import json
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Annotated, Any, Literal, cast

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field, JsonValue
from starlette.responses import Response

from streamvault.http.dependencies import HttpServices, services_of
from streamvault.http.etags import NOT_MODIFIED, json_with_etag
from streamvault.http.event_hub import Topic
from streamvault.http.event_source import Body, hub_source
from streamvault.http.event_stream import RESPONSES, EventStream
from streamvault.http.get_and_head import get_and_head
from streamvault.http.middleware.access import identity_of
from streamvault.indexing.progress import Progress
from streamvault.indexing.walks import Walks

router = APIRouter(prefix="/api/index", tags=["indexing"])

Services = Annotated[HttpServices, Depends(services_of)]

_CHAT = -1001234567890
_WALK: dict[str, JsonValue] = {
    "chat_id": _CHAT,
    "done": 25_000,
    "top": 100_000,
    "files": 24_310,
    "remaining_seconds": 90.5,
    "state": "walking",
    "detail": "",
    "known": None,
}
_PROBLEMS: dict[int | str, dict[str, Any]] = {
    401: {"description": "A link token for the whole server is needed"},
    403: {"description": "The token does not open this"},
    503: {"description": "Telegram or the catalog is not available; Retry-After says when to come back"},
}


class IndexRequest(BaseModel):
    """Which chat to walk through."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"examples": [{"chat_id": _CHAT}, {"chat_id": "@films", "again": True}]},
    )

    chat_id: (
        Annotated[int, Field(ge=-(1 << 63), lt=0)] | Annotated[str, Field(pattern=r"^@[A-Za-z][A-Za-z0-9_]{3,31}$")]
    ) = Field(description="The chat's number as Telegram writes it (-100...), or its @username")
    again: bool = Field(False, description="Read all of it anew, not only what has come since the last walk")


class Walk(BaseModel):
    """The progress of a walk. `done` of the `top` message ids were read, `files` were found in this walk.

    `remaining_seconds` is an estimate, null before there is one; `detail` says why the walk waits or has failed.
    """

    model_config = ConfigDict(frozen=True, from_attributes=True, json_schema_extra={"examples": [_WALK]})

    chat_id: int
    done: int
    top: int
    files: int
    remaining_seconds: float | None
    state: Literal["queued", "walking", "waiting", "finished", "failed"]
    detail: str


class WalkList(BaseModel):
    """Every walk since the start of the server: those under way, and how the others ended."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"examples": [{"walks": [_WALK]}]})

    walks: list[Walk]


@router.post("", status_code=202, responses={404: {"description": "The bot is not in such a chat"}, **_PROBLEMS})
async def begin(asked: IndexRequest, *, services: Services) -> Walk:
    """Walk through a chat's history in the background; does nothing while a walk of this chat is under way.

    It continues where the last one stopped. Needs a token for the whole server, also with PUBLIC_ACCESS.
    """
    return Walk.model_validate(await _walks(services).start(asked.chat_id, again=asked.again))


@get_and_head(router, "", response_model=WalkList, responses={**_PROBLEMS, **NOT_MODIFIED})
async def show(request: Request, *, services: Services) -> Response:
    """The progress of each walk, through the channels that the caller may see."""
    shown = visible(_walks(services).states, identity_of(request.scope).chats)
    return json_with_etag(request, WalkList(walks=[Walk.model_validate(one) for one in shown]))


@get_and_head(
    router,
    "/events",
    response_class=Response,
    responses={**RESPONSES, **_PROBLEMS},
)
async def events(request: Request, *, services: Services) -> Response:
    """Server-sent events: each walk now, and again whenever it changes. A slow client gets only the latest state.

    The stream ends as that of `/api/events`, and begins anew with each walk.
    """
    teller = WalkTeller(_walks(services), identity_of(request.scope).chats)
    opened = partial(hub_source, request.scope, services.events, teller, ("index",), ids=False, lines=_lines)
    return EventStream(opened, services.event_slots, first=": walks\n\n", head_only=request.method == "HEAD")


class WalkTeller:
    """Tells of the walks through `chats`, None for all."""

    def __init__(self, walks: Walks | None, chats: frozenset[int] | None) -> None:
        self._walks = walks
        self._chats = chats

    async def snapshot(self, topic: Topic) -> Body:
        """See Teller."""
        return self._body(self._walks.states if self._walks else ())

    async def change(self, topic: Topic, changes: Sequence[object]) -> Body | None:
        """See Teller."""
        body = self._body({one.chat_id: one for one in cast(Sequence[Progress], changes)}.values())
        return body if body["walks"] else None

    def _body(self, walks: Iterable[Progress]) -> Body:
        return {"walks": [Walk.model_validate(one).model_dump() for one in visible(walks, self._chats)]}


def visible(walks: Iterable[Progress], chats: frozenset[int] | None) -> list[Progress]:
    """The walks through these chats, None for all."""
    return [one for one in walks if chats is None or one.chat_id in chats]


def _walks(services: HttpServices) -> Walks:
    if services.walks is None:
        raise RuntimeError("this server indexes nothing")
    return services.walks


def _lines(topic: Topic, body: Body) -> str:
    return "\n".join(f"data: {json.dumps(walk, separators=(',', ':'))}\n" for walk in body["walks"])
