"""Mirrors: channels that are kept as copies of others. Made, listed, removed; and a word on deletions."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from streamvault.access.decision import NOT_YOURS
from streamvault.errors import AccessDenied
from streamvault.http.addresses import client_of
from streamvault.http.dependencies import HttpServices, Services
from streamvault.http.get_and_head import get_and_head
from streamvault.http.items import with_examples
from streamvault.http.leech_chats import whose_jobs
from streamvault.http.middleware.access import identity_of
from streamvault.http.mirror_items import MirrorItem, MirrorItems, mirror_item
from streamvault.leech.mirror.desk import MirrorDesk, Wanted

router = APIRouter(prefix="/api/mirrors", tags=["mirrors"])

_NO_STORE = {"Cache-Control": "no-store"}
MirrorId = Annotated[str, Path(pattern="^[0-9a-f]{16}$")]
Chat = Annotated[int, Field(ge=-(1 << 63), lt=0)] | Annotated[str, Field(pattern=r"^@[A-Za-z][A-Za-z0-9_]{3,31}$")]
_MISSING: dict[int | str, dict[str, Any]] = {404: {"description": "No such mirror"}}


class NewMirror(BaseModel):
    """What is to be mirrored: channels by number (-100...) or @username. `once`: only what is there now; `deletions`:
    copies are deleted with their messages, many at once only after a word.
    """

    model_config = with_examples(
        {"source": -1001234567890, "target": "@films_copy", "once": False, "deletions": False}, extra="forbid"
    )

    source: Chat
    target: Chat
    once: bool = False
    deletions: bool = False


class Deletions(BaseModel):
    """Whether the copies of the messages that were deleted at once are deleted too, or kept."""

    model_config = with_examples({"delete": False}, extra="forbid")

    delete: bool


@get_and_head(router, "", response_model=MirrorItems)
async def list_mirrors(request: Request, *, services: Services) -> Response:
    """All mirrors, with their state and lag; for owners."""
    _check_owner(request)
    found = await _desk(services).listed()
    return JSONResponse(MirrorItems(items=[mirror_item(one) for one in found]).model_dump(), headers=_NO_STORE)


@router.post(
    "", status_code=201, response_model=MirrorItem,
    responses={
        200: {"description": "There is a mirror of these channels: it goes on, as wished now", "model": MirrorItem},
        400: {"description": "The bot cannot read the source, or not post in the target; the detail says which"},
        409: {"description": "The source is a copy of the target already, or there are too many mirrors"},
        503: {"description": "Telegram does not answer now; Retry-After says when to come back"},
    },
)  # fmt: skip
async def add_mirror(asked: NewMirror, request: Request, *, services: Services) -> Response:
    """Keep a channel as a copy of another, its past and what comes; for owners."""
    _check_owner(request)
    identity, desk = identity_of(request.scope), _desk(services)
    person = None if identity.person is None else identity.person.id
    wanted = Wanted(asked.source, asked.target, once=asked.once, deletions=asked.deletions, person=person)
    made = await desk.make(wanted)
    if made.new:
        detail = made.mirror.summary
        services.access.audit.note("mirrored", person=person, detail=detail, address=client_of(request.scope))
    item = mirror_item(made.mirror)
    return JSONResponse(item.model_dump(), status_code=201 if made.new else 200, headers=_NO_STORE)


@router.delete("/{id}", status_code=204, responses=_MISSING)
async def remove_mirror(id: MirrorId, request: Request, *, services: Services) -> Response:
    """End a mirror; its copies stay. For owners."""
    _check_owner(request)
    await _desk(services).remove(id)
    return Response(status_code=204)


@router.post(
    "/{id}/deletions", response_model=MirrorItem,
    responses={**_MISSING, 409: {"description": "The mirror asks nothing"}},
)  # fmt: skip
async def decide_deletions(id: MirrorId, asked: Deletions, request: Request, *, services: Services) -> Response:
    """Say what becomes of the copies of messages that were deleted at once; for owners."""
    _check_owner(request)
    mirror = await _desk(services).decide(id, delete=asked.delete)
    return JSONResponse(mirror_item(mirror).model_dump(), headers=_NO_STORE)


def _check_owner(request: Request) -> None:
    """Raises AccessDenied for anybody but owners and the terminal."""
    if whose_jobs(identity_of(request.scope)) is not None:
        raise AccessDenied(NOT_YOURS, authenticated=True)


def _desk(services: HttpServices) -> MirrorDesk:
    if services.mirrors is None:
        raise RuntimeError("this server has no mirrors")
    return services.mirrors
