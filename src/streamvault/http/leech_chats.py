"""Whose jobs and feeds a caller may see, and where what they want goes."""

from fastapi import HTTPException

from streamvault.access.decision import OTHER_CHAT
from streamvault.access.identity import Identity
from streamvault.errors import AccessDenied
from streamvault.http.dependencies import HttpServices

NO_BOT = "Nothing is leeched here: this server has no leech bot (LEECH_BOT_TOKEN)."
NO_CHAT = "Name the chat_id that the file goes to: neither LEECH_CHANNEL nor VAULT_CHANNEL says it."


def whose_jobs(identity: Identity) -> int | None:
    """Whose jobs and feeds the caller may see and change: their own, or (None) all, where it is an owner or the
    terminal.
    """
    if identity.role == "owner" or identity.person is None:
        return None
    return identity.person.id


async def chat_for(asked: int | None, identity: Identity, services: HttpServices) -> int:
    """Where the files go. Raises HTTPException, and AccessDenied where the caller may not see that chat."""
    chat_id = services.leech_chat() if asked is None else asked
    if chat_id is None:
        raise HTTPException(409, NO_CHAT)
    if chat_id not in await services.finder.our_chats():
        raise HTTPException(
            404, f"This server does not serve the channel {chat_id}: GET /api/chats lists those it does."
        )
    if identity.chats is not None and chat_id not in identity.chats:
        raise AccessDenied(OTHER_CHAT, authenticated=True)
    return chat_id
