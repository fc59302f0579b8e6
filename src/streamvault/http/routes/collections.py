"""The caller's own collections: named lists of files."""

import dataclasses
import re
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response
from pydantic import BaseModel, StringConstraints

from streamvault.catalog.base import MAX_LIMIT
from streamvault.catalog.personal import MAX_COLLECTIONS, MAX_MEMBERS, Collection
from streamvault.http import paths as paths  # registers the convertors `chat` and `message`
from streamvault.http.dependencies import HttpServices, Services
from streamvault.http.etags import NOT_MODIFIED, Responses, json_with_etag
from streamvault.http.get_and_head import get_and_head
from streamvault.http.items import ITEM, CallerPresenter, Items, with_examples
from streamvault.http.lookup import entries_in_front, personal_state
from streamvault.http.users import OptionalUser, RequiredUser
from streamvault.http.viewers import Viewer
from streamvault.http.visible import VisibleChats

router = APIRouter(prefix="/api/collections", tags=["personal"])

_ONE = "/{collection}"
_MEMBER = "/{collection}/{chat_id:chat}/{message_id:message}"
_MISSING: Responses = {404: {"description": "No such collection of the caller, or no such file here"}}
_TAKEN: Responses = {409: {"description": "The name is taken, or there are too many; the detail says which"}}
_CURSOR = re.compile(r"(\d{1,5})-(.{1,200})", re.ASCII)

Number = Annotated[int, Path(ge=0, lt=1 << 63, examples=[3])]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
After = Annotated[str | None, Query(max_length=300, description="`next_cursor` of the page before")]


class CollectionName(BaseModel):
    """The name of a collection, unique for each user."""

    model_config = with_examples({"name": "Sunday evening"})

    name: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")
    ]


class CollectionItem(BaseModel):
    """One collection; `files` counts its files that some message still holds."""

    model_config = with_examples({"id": 3, "name": "Sunday evening", "files": 12})

    id: int
    name: str
    files: int


class Collections(BaseModel):
    """All collections of the caller by name."""

    model_config = with_examples({"collections": [{"id": 3, "name": "Sunday evening", "files": 12}]})

    collections: list[CollectionItem]


class CollectionPage(CollectionItem, Items):
    """One collection with some of its files, in the order in which they were added."""

    model_config = with_examples({"id": 3, "name": "Sunday evening", "files": 1, "items": [ITEM], "next_cursor": None})


@get_and_head(router, "", response_model=Collections, responses=NOT_MODIFIED)
async def list_collections(
    request: Request, *, services: Services, user: OptionalUser, chats: VisibleChats
) -> Response:
    """The caller's collections by name."""
    found = await services.personal.collections(user) if user else ()
    return json_with_etag(
        request, Collections(collections=[await _item(services, user or "", one, chats) for one in found])
    )


@router.post("", status_code=201, responses=_TAKEN)
async def make_collection(
    named: CollectionName, *, services: Services, user: RequiredUser, response: Response
) -> CollectionItem:
    """Create an empty collection; its path is in Location."""
    try:
        number = await services.personal.create_collection(user, named.name)
    except ValueError as error:
        detail = f"There is one of this name, or there are {MAX_COLLECTIONS} already: {error}."
        raise HTTPException(409, detail) from error
    response.headers["Location"] = f"{router.prefix}/{number}"
    return CollectionItem(id=number, name=named.name, files=0)


@get_and_head(
    router,
    _ONE,
    response_model=CollectionPage,
    responses={400: {"description": "The cursor is wrong"}, **_MISSING, **NOT_MODIFIED},
)
async def get_collection(
    request: Request,
    collection: Number,
    limit: Limit = 50,
    cursor: After = None,
    *,
    services: Services,
    presenter: CallerPresenter,
    user: OptionalUser,
    chats: VisibleChats,
) -> Response:
    """One collection and its files; deleted files are left out until they are posted again."""
    known = await _known(services, user, collection)
    members = await services.personal.members(user or "", collection) or ()
    there = await services.catalog.held(members, chats)
    left = [place for place in range(_after(members, cursor), len(members)) if members[place] in there]
    entries = await entries_in_front(services.catalog, [members[place] for place in left[:limit]], chats=chats)
    page = CollectionPage(
        id=known.id,
        name=known.name,
        files=len(there),
        items=presenter.items(entries, await personal_state(services, user, entries)),
        next_cursor=f"{left[limit - 1] + 1}-{members[left[limit - 1]]}" if len(left) > limit else None,
    )
    return json_with_etag(request, page)


@router.put(_ONE, responses={**_MISSING, **_TAKEN})
async def rename_collection(
    collection: Number, *, named: CollectionName, services: Services, user: OptionalUser, chats: VisibleChats
) -> CollectionItem:
    """Rename a collection."""
    known = await _known(services, user, collection)
    try:
        there = await services.personal.rename_collection(user or "", collection, named.name)
    except ValueError as error:
        raise HTTPException(409, "Another collection has this name: choose another one.") from error
    _check(there)
    return await _item(services, user or "", dataclasses.replace(known, name=named.name), chats)


@router.delete(_ONE, status_code=204, responses=_MISSING)
async def delete_collection(collection: Number, *, services: Services, user: OptionalUser) -> None:
    """Delete a collection; its files stay in the catalog."""
    _check(user is not None and await services.personal.delete_collection(user, collection))


@router.put(_MEMBER, status_code=204, responses={**_MISSING, **_TAKEN})
async def add_member(
    collection: Number, chat_id: int, message_id: int, *, services: Services, viewer: Viewer, user: OptionalUser
) -> None:
    """Append a file; does nothing when it is a member."""
    file = await services.finder.find(chat_id, message_id, viewer=viewer)
    try:
        there = await services.personal.set_member(user or "", collection, file.key.file_unique_id, member=True)
    except ValueError as error:
        raise HTTPException(409, f"A collection holds {MAX_MEMBERS} files: begin another one.") from error
    _check(there)


@router.delete(_MEMBER, status_code=204, responses=_MISSING)
async def remove_member(
    collection: Number, chat_id: int, message_id: int, *, services: Services, viewer: Viewer, user: OptionalUser
) -> None:
    """Remove a file; does nothing when it is no member."""
    file = await services.finder.find(chat_id, message_id, viewer=viewer)
    _check(await services.personal.set_member(user or "", collection, file.key.file_unique_id, member=False))


async def _known(services: HttpServices, user: str | None, number: int) -> Collection:
    found = await services.personal.collections(user) if user else ()
    for one in found:
        if one.id == number:
            return one
    raise HTTPException(404, "No such collection of yours.")


def _check(there: bool) -> None:
    if not there:
        raise HTTPException(404, "No such collection of yours.")


def _after(members: tuple[str, ...], cursor: str | None) -> int:
    """The index after the member that a cursor names, wherever it is now; if it was removed, the index it had."""
    if cursor is None:
        return 0
    match = _CURSOR.fullmatch(cursor)
    if match is None:
        raise HTTPException(400, "Begin again without a cursor: the cursor is not valid.")
    return members.index(match[2]) + 1 if match[2] in members else max(0, int(match[1]) - 1)


async def _item(services: HttpServices, user: str, collection: Collection, chats: frozenset[int]) -> CollectionItem:
    members = await services.personal.members(user, collection.id) if collection.files else ()
    there = await services.catalog.held(members or (), chats)
    return CollectionItem(id=collection.id, name=collection.name, files=len(there))
