"""The people who may use this server, and API tokens."""

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Query, Request
from pydantic import BaseModel, BeforeValidator, Field, JsonValue
from starlette.responses import JSONResponse, Response

from streamvault.access.identity import MemberRight, Right
from streamvault.access.people import MAX_NAME, UNCHANGED, IsOwner, NoSuchPerson, Standing
from streamvault.access.tokens import MAX_NAME as MAX_TOKEN_NAME
from streamvault.access.tokens import ApiToken
from streamvault.http.addresses import client_of
from streamvault.http.dependencies import Services
from streamvault.http.get_and_head import get_and_head
from streamvault.http.items import with_examples
from streamvault.http.middleware.access import identity_of
from streamvault.http.routes.login import person_of
from streamvault.http.selection import MAX_CHATS

router = APIRouter(tags=["access"])

_NO_STORE = {"Cache-Control": "no-store"}


def _number(value: object) -> object:
    """JSON's numbers alone, not what Python can make a number of."""
    if isinstance(value, bool | str):
        raise ValueError("Input should be a valid integer")
    return value


UserId = Annotated[int, Field(gt=0, lt=1 << 52), BeforeValidator(_number)]
PathId = Annotated[int, Path(gt=0, lt=1 << 52)]
RecordId = Annotated[str, Path(pattern="^[0-9a-f]{16}$")]
ServedChat = Annotated[int, Field(gt=-(1 << 52), lt=1 << 52)]
"""Telegram's ids are of 52 bits at most."""
Chats = Annotated[list[ServedChat], Field(max_length=MAX_CHATS)]
_CONFLICT: dict[int | str, dict[str, Any]] = {409: {"description": "That is an owner, or was removed at the same time"}}
LONGEST = 100 * 366 * 86_400
"""Seconds that a token may last."""


_PERSON: dict[str, JsonValue] = {
    "id": 22222222, "name": "Ben", "role": "member", "can": ["read"], "chats": None, "since": 1735689600,
}  # fmt: skip
_TOKEN: dict[str, JsonValue] = {
    "id": "5f2c0a9be1d3477a", "name": "Kodi in the kitchen", "person": 22222222, "can": ["playback", "read"],
    "created_at": 1735689600, "expires_at": None, "last_used_at": 1735693200, "uses": 7,
}  # fmt: skip


class Rights(BaseModel):
    """What a member may see and do; null: all channels, and `read`, `links` and `playback`. What is not sent stays as
    it is (of a new member: as with null). `leech` has to be named.
    """

    model_config = with_examples({"name": "Ben", "chats": [-1001234567890], "can": None})

    name: str = Field("", max_length=MAX_NAME)
    chats: Chats | None = Field(None, description="Channels whose files may be seen; null for all")
    can: list[MemberRight] | None = Field(
        None, description="Rights of a member; null for `read`, `links` and `playback`"
    )


class NewPerson(Rights):
    """Somebody who becomes a member, by the Telegram user id."""

    model_config = with_examples({"id": 22222222, "name": "Ben", "chats": [-1001234567890]})

    id: UserId


class PersonState(BaseModel):
    """A person and what they may see and do; `since` in Unix seconds, null where it is not known."""

    model_config = with_examples(_PERSON)

    id: int
    name: str
    role: str
    can: list[str]
    chats: list[int] | None
    since: int | None


class People(BaseModel):
    """Owners first, then members."""

    model_config = with_examples({"items": [_PERSON], "next_cursor": None})

    items: list[PersonState]
    next_cursor: str | None = None


class NewToken(BaseModel):
    """An API token to be made: `can` are its rights, of those that its maker has; `expires_in` in seconds."""

    model_config = with_examples({"name": "Kodi in the kitchen", "can": ["read", "playback"], "expires_in": 31536000})

    name: str = Field(min_length=1, max_length=MAX_TOKEN_NAME)
    can: list[Right] = Field(["read", "playback"], min_length=1)
    expires_in: float | None = Field(None, gt=0, le=LONGEST)


class TokenState(BaseModel):
    """An API token without its text; times in Unix seconds, null for never."""

    model_config = with_examples(_TOKEN)

    id: str
    name: str
    person: int | None
    can: list[str]
    created_at: int
    expires_at: int | None
    last_used_at: int | None
    uses: int


class MadeToken(TokenState):
    """A new API token: `token` is shown this once."""

    model_config = with_examples({**_TOKEN, "token": "sv_..."})

    token: str


class Tokens(BaseModel):
    """API tokens, the latest first."""

    model_config = with_examples({"items": [_TOKEN], "next_cursor": None})

    items: list[TokenState]
    next_cursor: str | None = None


@get_and_head(router, "/api/people", response_model=People)
async def list_people(*, services: Services) -> Response:
    """Owners and members."""
    items = [_person(one) for one in await services.access.people.listed()]
    return JSONResponse(People(items=items).model_dump(), headers=_NO_STORE)


@router.post("/api/people", status_code=201, responses=_CONFLICT)
async def invite(asked: NewPerson, request: Request, *, services: Services) -> PersonState:
    """Make somebody a member."""
    return await _set(asked.id, asked, request, services)


@router.put("/api/people/{id}", responses=_CONFLICT)
async def change(id: PathId, asked: Rights, request: Request, *, services: Services) -> PersonState:
    """Change what is sent of what a member may see and do; also makes somebody a member."""
    return await _set(id, asked, request, services)


async def _set(id: int, asked: Rights, request: Request, services: Services) -> PersonState:
    if id in services.settings.owner_ids:
        raise HTTPException(409, "An owner may do everything; OWNER_IDS names the owners.")
    sent = asked.model_fields_set
    try:
        standing = await services.access.people.invite(
            id, asked.name, chats=asked.chats if "chats" in sent else UNCHANGED,
            can=asked.can if "can" in sent else UNCHANGED,
        )  # fmt: skip
    except NoSuchPerson as error:
        raise HTTPException(409, f"{str(error)[:1].upper()}{str(error)[1:]}.") from error
    await services.access.revoked()  # rights may have become fewer
    services.access.audit.note("invited", person=_asking(request), detail=str(id), address=client_of(request.scope))
    return _person(standing)


@router.delete(
    "/api/people/{id}", status_code=204,
    responses={404: {"description": "No such member"}, 409: {"description": "That is an owner"}},
)  # fmt: skip
async def remove(id: PathId, request: Request, *, services: Services) -> Response:
    """Take all rights from a member: sessions, tokens and links of theirs end."""
    try:
        await services.access.remove(id)
    except NoSuchPerson as error:
        raise HTTPException(404, "There is no such member.") from error
    except IsOwner as error:
        raise HTTPException(409, f"{str(error)[:1].upper()}{str(error)[1:]}.") from error
    services.access.audit.note("removed", person=_asking(request), detail=str(id), address=client_of(request.scope))
    return Response(status_code=204)


@get_and_head(router, "/api/tokens", response_model=Tokens)
async def list_tokens(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Annotated[str | None, Query(max_length=100)] = None,
    *,
    services: Services,
) -> Response:
    """The caller's API tokens; an owner sees all."""
    found, after = await services.access.tokens.listed(_whose(request), after=cursor, limit=limit)
    body = Tokens(items=[_token(one) for one in found], next_cursor=after)
    return JSONResponse(body.model_dump(), headers=_NO_STORE)


@router.post("/api/tokens", status_code=201, response_model=MadeToken)
async def make_token(asked: NewToken, request: Request, *, services: Services) -> Response:
    """Make an API token, whose text is in this answer alone."""
    can = identity_of(request.scope).can
    beyond = sorted(set(asked.can) - can)
    if beyond:
        raise HTTPException(422, f"You do not have these rights yourself: {', '.join(beyond)}.")
    person = person_of(request)
    try:
        token, text = await services.access.tokens.create(
            person, asked.name, can=asked.can, expires_in=asked.expires_in
        )
    except ValueError as error:
        raise HTTPException(409, f"{error}.") from error
    services.access.audit.note("token made", person=person, detail=token.name, address=client_of(request.scope))
    body = MadeToken(**_token(token).model_dump(), token=text)
    return JSONResponse(body.model_dump(), status_code=201, headers=_NO_STORE)


@router.delete("/api/tokens/{id}", status_code=204, responses={404: {"description": "No such token"}})
async def revoke_token(id: RecordId, request: Request, *, services: Services) -> Response:
    """Revoke an API token at once."""
    if not await services.access.tokens.revoke(id, person=_whose(request)):
        await services.access.revoked()  # a try before this one may have got no further
        raise HTTPException(404, "There is no such token.")
    await services.access.revoked()
    services.access.audit.note("token revoked", person=_asking(request), detail=id, address=client_of(request.scope))
    return Response(status_code=204)


def _asking(request: Request) -> int | None:
    person = identity_of(request.scope).person
    return None if person is None else person.id


def _whose(request: Request) -> int | None:
    """Whose records the caller may see: their own, or (None) all where the caller is an owner."""
    return None if identity_of(request.scope).role == "owner" else person_of(request)


def _person(standing: Standing) -> PersonState:
    return PersonState(
        id=standing.person.id,
        name=standing.person.name,
        role=standing.role,
        can=sorted(standing.can),
        chats=None if standing.chats is None else sorted(standing.chats),
        since=int(standing.since) or None,
    )


def _token(token: ApiToken) -> TokenState:
    return TokenState(
        id=token.id,
        name=token.name,
        person=token.person,
        can=sorted(token.can),
        created_at=int(token.created),
        expires_at=None if token.expires is None else int(token.expires),
        last_used_at=None if token.last_used is None else int(token.last_used),
        uses=token.uses,
    )
