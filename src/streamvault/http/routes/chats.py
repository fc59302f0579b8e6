"""The chats that are served, and those that the bot was added to by others, which an owner may have served."""

from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel, JsonValue
from starlette.responses import JSONResponse, Response

from streamvault.http import paths as paths  # registers the convertor `chat`
from streamvault.http.addresses import client_of
from streamvault.http.dependencies import Services
from streamvault.http.get_and_head import get_and_head
from streamvault.http.items import with_examples
from streamvault.http.middleware.access import identity_of
from streamvault.http.routes.me import PersonItem

router = APIRouter(prefix="/api/chats", tags=["indexing"])


_CHAT: dict[str, JsonValue] = {
    "chat_id": -1001234567890,
    "title": "Films of others",
    "served": False,
    "added_by": {"id": 4242, "name": "Sam"},
    "added_at": 1735689600,
}


class ChatItem(BaseModel):
    """A chat; of one that is not served: who added the bot (null where Telegram does not say) and when (Unix time)."""

    model_config = with_examples(_CHAT)

    chat_id: int
    title: str
    served: bool
    added_by: PersonItem | None = None
    added_at: int | None = None


class Chats(BaseModel):
    """Served ones first."""

    model_config = with_examples({"items": [_CHAT], "next_cursor": None})

    items: list[ChatItem]
    next_cursor: str | None = None


@get_and_head(router, "", response_model=Chats)
async def list_chats(*, services: Services) -> Response:
    """The chats that are served, and those that wait for an owner's word."""
    titles = await services.catalog.chats()
    items = [
        ChatItem(chat_id=chat, title=titles.get(chat, ""), served=True)
        for chat in sorted(await services.finder.our_chats(), reverse=True)
    ]
    for offer in [] if services.offers is None else await services.offers.listed():
        by = None if offer.by is None else PersonItem(id=offer.by.user_id, name=offer.by.name)
        items.append(
            ChatItem(chat_id=offer.chat_id, title=offer.title, served=False, added_by=by, added_at=int(offer.added))
        )
    return JSONResponse(Chats(items=items).model_dump(), headers={"Cache-Control": "no-store"})


@router.post(
    "/{chat_id:chat}", status_code=202,
    responses={404: {"description": "The bot is not in such a chat, or CHANNELS leaves it out"}},
)  # fmt: skip
async def serve_chat(chat_id: int, request: Request, *, services: Services) -> ChatItem:
    """Have a chat served from now on, and its history indexed; GET /api/index tells the progress."""
    if services.walks is None:
        raise HTTPException(503, "Nothing is indexed here.")
    await services.walks.start(chat_id, again=False)
    person = identity_of(request.scope).person
    services.access.audit.note(
        "served", person=None if person is None else person.id, detail=str(chat_id), address=client_of(request.scope)
    )
    titles = await services.catalog.chats()
    return ChatItem(chat_id=chat_id, title=titles.get(chat_id, ""), served=True)
