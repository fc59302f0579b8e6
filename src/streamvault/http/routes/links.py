"""Stored links: made, listed with how often they were used, and revoked."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query, Request
from pydantic import BaseModel, Field, JsonValue
from starlette.responses import JSONResponse, Response

from streamvault.access.decision import OTHER_CHAT
from streamvault.access.identity import Identity, Media, Target
from streamvault.access.links import Grant
from streamvault.access.stored_links import LONGEST, MAX_VIEWERS, StoredLink
from streamvault.access.urls import Links
from streamvault.errors import AccessDenied
from streamvault.http.addresses import client_of
from streamvault.http.dependencies import HttpServices, Services
from streamvault.http.get_and_head import get_and_head
from streamvault.http.items import with_examples
from streamvault.http.middleware.access import identity_of
from streamvault.http.selection import MAX_QUERY, ChatId
from streamvault.http.users import user_of_person
from streamvault.http.viewers import Viewer
from streamvault.media.model import Origin

router = APIRouter(tags=["access"])

_NO_STORE = {"Cache-Control": "no-store"}
MessageId = Annotated[int, Field(gt=0, lt=1 << 31)]


_LINK: dict[str, JsonValue] = {
    "id": "5f2c0a9be1d3477a", "url": "https://tv.example.org/s/.../stream/-1001234567890/42/Garten.mp4",
    "watch_url": "https://tv.example.org/watch/-1001234567890/42?token=...", "download_url": None,
    "expires_at": 1735776000, "chat_id": -1001234567890, "message_id": 42, "collection": None, "query": None,
    "scope": "watch", "person": 11111111, "created_at": 1735689600, "viewers": 2, "viewers_used": 1, "uses": 7,
    "last_used_at": 1735693200,
}  # fmt: skip


class NewLink(BaseModel):
    """What every link has: `expires_in` in seconds; `viewers`: how many different viewers may use it."""

    scope: Media = "both"
    expires_in: float | None = Field(None, gt=0, le=LONGEST)
    viewers: int | None = Field(None, ge=1, le=MAX_VIEWERS)


class NewFileLink(NewLink):
    """A link to a file."""

    model_config = with_examples(
        {"chat_id": -1001234567890, "message_id": 42, "scope": "watch", "expires_in": 86400, "viewers": 2},
        extra="forbid",
    )

    chat_id: ChatId
    message_id: MessageId

    @property
    def target(self) -> Target:
        """What it opens."""
        return Target(origin=Origin(self.chat_id, self.message_id))


class NewCollectionLink(NewLink):
    """A link to a collection of the caller."""

    model_config = with_examples({"collection": 3}, extra="forbid")

    collection: int = Field(ge=0, lt=1 << 63)

    @property
    def target(self) -> Target:
        """What it opens."""
        return Target(collection=self.collection)


class NewQueryLink(NewLink):
    """A link to the files that a search finds."""

    model_config = with_examples({"query": "garden 1080p"}, extra="forbid")

    query: str = Field(min_length=1, max_length=MAX_QUERY)

    @property
    def target(self) -> Target:
        """What it opens."""
        return Target(query=self.query)


AnyLink = NewFileLink | NewCollectionLink | NewQueryLink


class LinkItem(BaseModel):
    """A link; `url` is for players, `watch_url` a page, `download_url` saves the file; null where the scope leaves it
    out. Times in Unix seconds, null for never. `viewers_used` counts only where `viewers` bounds them.
    """

    model_config = with_examples(_LINK)

    id: str
    url: str
    watch_url: str | None
    download_url: str | None
    expires_at: int | None
    chat_id: int | None
    message_id: int | None
    collection: int | None
    query: str | None
    scope: Media
    person: int | None
    created_at: int
    viewers: int | None
    viewers_used: int
    uses: int
    last_used_at: int | None


class LinkItems(BaseModel):
    """Links, the latest first."""

    model_config = with_examples({"items": [_LINK], "next_cursor": None})

    items: list[LinkItem]
    next_cursor: str | None = None


@get_and_head(router, "/api/links", response_model=LinkItems)
async def list_links(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Annotated[str | None, Query(max_length=100)] = None,
    *,
    services: Services,
) -> Response:
    """The caller's links; an owner sees all."""
    whose = _whose(identity_of(request.scope))
    found = await services.access.links.listed(whose, after=cursor, limit=limit)
    items = [_item(services, one) for one in found if not services.access.links.ended(one)]
    body = LinkItems(items=items, next_cursor=found[-1].id if len(found) == limit else None)
    return JSONResponse(body.model_dump(), headers=_NO_STORE)


@router.post(
    "/api/links", status_code=201, response_model=LinkItem,
    responses={404: {"description": "No such file or collection"}, 409: {"description": "Too many links"}},
)  # fmt: skip
async def make_link(asked: AnyLink, request: Request, *, services: Services, viewer: Viewer) -> Response:
    """Make a link that can be revoked."""
    identity = identity_of(request.scope)
    name = await _check(asked, identity, services, viewer=viewer)
    person = None if identity.person is None else identity.person.id
    try:
        link = await services.access.links.create(
            person,
            asked.target,
            media=asked.scope,
            expires_in=asked.expires_in,
            viewers=asked.viewers,
            can=identity.can,
        )
    except ValueError as error:
        raise HTTPException(409, f"{error}.") from error
    services.access.audit.note("link made", person=person, detail=link.id, address=client_of(request.scope))
    body = _item(services, link, name=name)
    return JSONResponse(body.model_dump(), status_code=201, headers=_NO_STORE)


@router.delete("/api/links/{id}", status_code=204, responses={404: {"description": "No such link"}})
async def revoke_link(
    id: Annotated[str, Path(pattern="^[0-9a-f]{16}$")], request: Request, *, services: Services
) -> Response:
    """Revoke a link at once."""
    identity = identity_of(request.scope)
    if not await services.access.links.revoke(id, person=_whose(identity)):
        await services.access.revoked()  # a try before this one may have got no further
        raise HTTPException(404, "There is no such link.")
    await services.access.revoked()
    person = None if identity.person is None else identity.person.id
    services.access.audit.note("link revoked", person=person, detail=id, address=client_of(request.scope))
    return Response(status_code=204)


async def _check(asked: AnyLink, identity: Identity, services: HttpServices, *, viewer: str) -> str:
    """The name of the file; "" for anything else. Raises if the caller may not see what the link would open."""
    if isinstance(asked, NewFileLink):
        if identity.chats is not None and asked.chat_id not in identity.chats:
            raise AccessDenied(OTHER_CHAT, authenticated=True)
        return (await services.finder.find(asked.chat_id, asked.message_id, viewer=viewer)).name
    if isinstance(asked, NewCollectionLink):
        user = None if identity.person is None else user_of_person(identity.person.id)
        if user is None or await services.personal.members(user, asked.collection) is None:
            raise HTTPException(404, "You have no such collection.")
    return ""


def _whose(identity: Identity) -> int | None:
    """Whose links the caller may see: their own, or (None) all where the caller is an owner."""
    if identity.role == "owner" or identity.person is None:
        return None
    return identity.person.id


def _item(services: HttpServices, link: StoredLink, *, name: str = "") -> LinkItem:
    made = links_of(services, link, name=name)
    origin = link.target.origin
    return LinkItem(
        id=link.id,
        url=made.download if link.media == "download" else made.play,
        watch_url=None if link.media == "download" else made.watch,
        download_url=None if link.media == "watch" else made.download,
        expires_at=None if link.expires is None else int(link.expires),
        chat_id=None if origin is None else origin.chat_id,
        message_id=None if origin is None else origin.message_id,
        collection=link.target.collection,
        query=link.target.query,
        scope=link.media,
        person=link.person,
        created_at=int(link.created),
        viewers=link.most,
        viewers_used=link.viewers,
        uses=link.uses,
        last_used_at=None if link.last_used is None else int(link.last_used),
    )


def links_of(services: HttpServices, link: StoredLink, *, name: str = "") -> Links:
    """The addresses of a link."""
    expires = None if link.expires is None else int(link.expires)
    return services.urls().links_of(Grant("link", int(link.id, 16)), link.target.origin, name=name, expires_at=expires)
