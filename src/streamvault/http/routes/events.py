"""Everything that changes, as server-sent events: walks, the catalog, accounts, streams."""

from functools import partial
from typing import Annotated, cast

from fastapi import APIRouter, Header, HTTPException, Query, Request
from starlette.responses import Response

from streamvault.access.decision import NOT_YOURS
from streamvault.errors import AccessDenied
from streamvault.http.dependencies import Services
from streamvault.http.event_hub import TOPICS, Topic
from streamvault.http.event_source import hub_source
from streamvault.http.event_stream import RESPONSES, EventStream
from streamvault.http.get_and_head import get_and_head
from streamvault.http.middleware.access import identity_of
from streamvault.http.routes.event_topics import Topics, refused

router = APIRouter(prefix="/api/events", tags=["events"])

_FIRST = ": events\nretry: 1000\n\n"
_ANY = "|".join(TOPICS)

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
    whom, of what. `jobs`: `jobs` as in `/api/jobs`, of the caller; at first those that have not ended, and the latest.
    `voice` is empty on this server. Who comes back with `Last-Event-ID` gets what was missed; after too much of it, or
    another start of the server, the present state.
    """
    wanted = _topics(topics)
    who = identity_of(request.scope)
    if others := refused(wanted, who):
        detail = f"{NOT_YOURS.rstrip('.')}. Not for you: {', '.join(others)}."
        raise AccessDenied(detail, authenticated=who.via not in ("none", "public"))
    opened = partial(hub_source, request.scope, services.events, Topics(services, who), wanted, last_id=last_event_id)
    return EventStream(opened, services.event_slots, first=_FIRST, head_only=request.method == "HEAD")


def _topics(text: str) -> list[Topic]:
    """The topics of a request. Raises HTTPException 422."""
    asked = list(dict.fromkeys(name.strip() for name in text.split(",")))
    if unknown := [name for name in asked if name not in TOPICS]:
        raise HTTPException(422, f"No such topic: {', '.join(unknown) or 'none'}. There are: {', '.join(TOPICS)}.")
    return cast(list[Topic], asked)
