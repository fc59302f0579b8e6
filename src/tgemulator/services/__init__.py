"""The API's methods; importing this package registers every handler."""

from tgemulator.services import (
    auth,
    bots,
    cdn,
    chats,
    config,
    edit,
    files,
    history,
    members,
    read,
    restricted,
    send,
    updates,
    upload,
    users,
)

__all__ = [
    "auth",
    "bots",
    "cdn",
    "chats",
    "config",
    "edit",
    "files",
    "history",
    "members",
    "read",
    "restricted",
    "send",
    "updates",
    "upload",
    "users",
]
