"""Which files a caller may see in lists: those of our chats, less what a person or a link may not see."""

from typing import Annotated, TypeVar

from fastapi import Depends, HTTPException
from starlette.requests import Request

from streamvault.access.identity import Identity
from streamvault.catalog.base import Entry
from streamvault.http.dependencies import HttpServices, services_of
from streamvault.http.lookup import entries_in_front
from streamvault.http.middleware.access import identity_of
from streamvault.http.selection import Selection
from streamvault.http.users import user_of_person

S = TypeVar("S", bound=Selection)


async def _visible_chats(request: Request) -> frozenset[int]:
    chats = await services_of(request).finder.our_chats()
    allowed = identity_of(request.scope).chats
    return chats if allowed is None else chats & allowed


VisibleChats = Annotated[frozenset[int], Depends(_visible_chats)]
"""The type of a route's parameter that gets the chats whose files the caller may see. Raises CatalogError."""


def narrowed(selection: S, identity: Identity) -> S:
    """`selection` within what a link to a search opens: its words take the place of those that were asked for."""
    target = identity.target
    if target is None or target.query is None:
        return selection
    return selection.model_copy(update={"q": target.query})


def opens_collection(identity: Identity) -> bool:
    """Whether the caller holds a link to a collection, which is all that they may list."""
    return identity.target is not None and identity.target.collection is not None


async def linked_keys(
    services: HttpServices, identity: Identity, *, chats: frozenset[int], cursor: str | None
) -> tuple[list[str], int]:
    """The file_unique_ids of the collection that the caller's link opens, in its order, and where `cursor` begins.

    Raises HTTPException 400 for a wrong cursor.
    """
    target = identity.target
    if target is None or target.collection is None or target.person is None:
        return [], 0
    if cursor is not None and not cursor.isdecimal():
        raise HTTPException(400, "Begin again without a cursor: the cursor is not valid.")
    members = await services.personal.members(user_of_person(target.person), target.collection) or ()
    there = await services.catalog.held(members, chats)
    return [key for key in members if key in there], int((cursor or "0")[:9])


async def linked_collection(
    services: HttpServices, identity: Identity, *, chats: frozenset[int], limit: int, cursor: str | None
) -> tuple[list[Entry], str | None]:
    """Up to `limit` of these files, and the next cursor. Raises HTTPException 400 for a wrong cursor."""
    keys, first = await linked_keys(services, identity, chats=chats, cursor=cursor)
    entries = await entries_in_front(services.catalog, keys[first : first + limit], chats=chats)
    return entries, str(first + limit) if len(keys) > first + limit else None
