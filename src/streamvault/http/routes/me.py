"""Who asks, and what the owner may read of what people did."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, JsonValue
from starlette.responses import JSONResponse, Response

from streamvault import __version__
from streamvault.http.dependencies import HttpServices, Services
from streamvault.http.get_and_head import get_and_head
from streamvault.http.items import with_examples
from streamvault.http.middleware.access import identity_of

router = APIRouter(tags=["access"])

RIGHTS = ("read", "index", "links", "people", "leech", "voice", "playback")
FEATURES: tuple[str, ...] = ("login", "links", "tokens", "people")
"""What every server can do beyond lists and streams."""
_NO_STORE = {"Cache-Control": "no-store"}


_EVENT: dict[str, JsonValue] = {
    "id": "0194210a1b2c5f2c0a9be1d3", "at": 1735689600, "what": "login", "person": 11111111,
    "detail": "Firefox on Linux", "address": "203.0.113.7",
}  # fmt: skip


class PersonItem(BaseModel):
    """A Telegram user."""

    model_config = with_examples({"id": 11111111, "name": "Ann"})

    id: int
    name: str


class Limits(BaseModel):
    """What the caller may use: requests a minute, streams at once, bytes a day; null without a limit."""

    model_config = with_examples({"requests_per_minute": 600, "streams": 16, "bytes_per_day": None})

    requests_per_minute: int | None
    streams: int | None
    bytes_per_day: int | None


class ServerItem(BaseModel):
    """This server."""

    model_config = with_examples({"name": "StreamVault", "version": "1.0", "features": ["login"]})

    name: str
    version: str
    features: list[str]


class Me(BaseModel):
    """Who asks: a person (owner or member), a guest with a link, or nobody."""

    model_config = with_examples(
        {
            "person": {"id": 11111111, "name": "Ann"},
            "role": "owner",
            "can": ["read", "index", "links", "people", "leech", "voice", "playback"],
            "limits": {"requests_per_minute": None, "streams": None, "bytes_per_day": None},
            "server": {"name": "StreamVault", "version": "1.0", "features": ["login"]},
        }
    )

    person: PersonItem | None
    role: str
    can: list[str]
    limits: Limits
    server: ServerItem


class AuditEvent(BaseModel):
    """What `person` (a Telegram user id, null for nobody) did; `at` in Unix seconds."""

    model_config = with_examples(_EVENT)

    id: str
    at: int
    what: str
    person: int | None
    detail: str
    address: str


class AuditEvents(BaseModel):
    """Events, the latest first."""

    model_config = with_examples({"items": [_EVENT], "next_cursor": None})

    items: list[AuditEvent]
    next_cursor: str | None = None


@get_and_head(router, "/api/me", response_model=Me)
async def me(request: Request, *, services: Services) -> Response:
    """Who asks, and what they may do; 200 for everybody."""
    identity, settings = identity_of(request.scope), services.settings
    exempt = identity.role == "owner"
    body = Me(
        person=None if identity.person is None else PersonItem(id=identity.person.id, name=identity.person.name),
        role=identity.role,
        can=[right for right in RIGHTS if right in identity.can],
        limits=Limits(
            requests_per_minute=None if exempt else settings.rate_limit or None,
            streams=None if exempt else settings.stream_limit or None,
            bytes_per_day=None if exempt else settings.day_limit or None,
        ),
        server=ServerItem(name="StreamVault", version=__version__, features=_features(services)),
    )
    return JSONResponse(body.model_dump(), headers=_NO_STORE)


def _features(services: HttpServices) -> list[str]:
    """What this server can do: `facts` looks into films and songs, `playback` repackages films for browsers, `leech`
    fetches files from elsewhere, `torrents` torrents, too, `voice` plays in calls.
    """
    able = {
        "facts": services.facts is not None,
        "playback": services.repackages,
        "leech": services.settings.leech_bot_token is not None,
        "torrents": services.settings.leech_bot_token is not None and services.settings.leech_torrents,
        "voice": services.calls is not None and not services.voice_missing(),
    }
    return [*FEATURES, *(name for name, is_able in able.items() if is_able)]


@get_and_head(router, "/api/audit", response_model=AuditEvents)
async def audit(
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Annotated[str | None, Query(max_length=100)] = None,
    *,
    services: Services,
) -> Response:
    """Who logged in, made links, was refused too often, deleted or leeched, the latest first."""
    events = await services.access.audit.listed(limit=limit, after=cursor)
    items = [
        AuditEvent(id=e.id, at=int(e.at), what=e.what, person=e.person, detail=e.detail, address=e.address)
        for e in events
    ]
    body = AuditEvents(items=items, next_cursor=events[-1].id if len(events) == limit else None)
    return JSONResponse(body.model_dump(), headers=_NO_STORE)
