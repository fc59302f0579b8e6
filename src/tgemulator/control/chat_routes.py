"""Routes of the control API for accounts and chats; docstrings give path, arguments and answer."""

from typing import Any

from tgemulator.control.arguments import Arguments, ControlError
from tgemulator.control.lookup import describe_file, describe_message, find_chat, find_user
from tgemulator.control.world_file import build_world, rights_of
from tgemulator.emulator import Emulator
from tgemulator.world.files import DEFAULT_PARTS, most_parts
from tgemulator.world.model import Channel, Group


async def _world(emulator: Emulator, arguments: Arguments, path: tuple[str, ...]) -> Any:
    """GET /world: {"users", "chats", "files"}, without tokens, codes and passwords."""
    users = [
        {"id": user.id, "name": user.first_name, "username": user.username, "bot": user.is_bot, "dc": user.home_dc}
        for user in emulator.world.users.values()
    ]
    chats = [
        {"id": chat.id, "kind": chat.kind, "title": chat.title, "members": sorted(chat.members)}
        for chat in emulator.world.chats.values()
    ]
    return {"users": users, "chats": chats, "files": [describe_file(file) for file in emulator.files.files.values()]}


async def _extend_world(emulator: Emulator, arguments: Arguments, path: tuple[str, ...]) -> Any:
    """POST /world with the keys of a world file: {ref: id} of what was added."""
    made = await build_world(emulator, arguments.all(), paths=False)
    return {ref: item.id for ref, item in made.items()}


async def _set_member(emulator: Emulator, arguments: Arguments, path: tuple[str, ...]) -> Any:
    """POST /members {"chat", "user", "actor"?, "admin"?, "rights"?, "member"?: false removes}: {"members": [ids]}"""
    chat, user = find_chat(emulator, arguments.take("chat", int)), find_user(emulator, arguments.take("user", int))
    actor = find_user(emulator, arguments.take("actor", int)) if arguments.has("actor") else None
    member, admin = arguments.take("member", bool, default=True), arguments.take("admin", bool, default=False)
    rights = rights_of(arguments.description("the member"))
    if actor is not None and actor.id not in chat.members:
        raise ControlError(400, f"account {actor.id} is not in the chat and cannot change its members")
    if not member and (user.id not in chat.members or user.id == chat.creator_id):
        raise ControlError(400, f"account {user.id} is not in the chat, or its creator")
    if member:
        emulator.world.add_member(chat, user, admin=admin, rights=rights, actor=actor)
    else:
        emulator.world.remove_member(chat, user, actor=actor)
    return {"members": sorted(chat.members)}


async def _add_topic(emulator: Emulator, arguments: Arguments, path: tuple[str, ...]) -> Any:
    """POST /topics {"chat", "title"}: the first message of the new topic, whose id is the topic's."""
    chat, title = find_chat(emulator, arguments.take("chat", int)), arguments.take("title", str)
    arguments.finish()
    if not isinstance(chat, Channel) or not chat.forum:
        raise ControlError(400, f"chat {chat.id} is no forum: only a supergroup that was made as one has topics")
    return describe_message(emulator.world.add_topic(chat, title))


async def _migrate(emulator: Emulator, arguments: Arguments, path: tuple[str, ...]) -> Any:
    """POST /migrate {"chat"}: a basic group becomes a supergroup; {"id": that of the supergroup}."""
    chat = find_chat(emulator, arguments.take("chat", int))
    arguments.finish()
    if not isinstance(chat, Group):
        raise ControlError(400, f"chat {chat.id} is no basic group")
    try:
        return {"id": emulator.world.migrate(chat).id}
    except ValueError as error:
        raise ControlError(400, str(error)) from None


async def _protect(emulator: Emulator, arguments: Arguments, path: tuple[str, ...]) -> Any:
    """POST /protect {"chat", "noforwards"?: false lifts it}: protects a chat against copying; {"noforwards"}."""
    chat, protected = find_chat(emulator, arguments.take("chat", int)), arguments.take("noforwards", bool, default=True)
    arguments.finish()
    chat.noforwards = protected
    return {"noforwards": protected}


async def _set_limits(emulator: Emulator, arguments: Arguments, path: tuple[str, ...]) -> Any:
    """POST /limits {"user", "premium"?, "parts"?: of an upload without Premium}: {"parts": what it may upload now}."""
    user = find_user(emulator, arguments.take("user", int))
    premium, parts = arguments.take("premium", bool, default=None), arguments.take("parts", int, default=None)
    arguments.finish()
    if parts is not None and not 1 <= parts <= DEFAULT_PARTS:
        raise ControlError(400, f"'parts' must be between 1 and {DEFAULT_PARTS}")
    given = {"premium": premium, "parts": parts}
    user.api_limits |= {name: value for name, value in given.items() if value is not None}
    return {"parts": most_parts(user)}


CHAT_ROUTES = (
    ("GET", "/world", _world),
    ("POST", "/world", _extend_world),
    ("POST", "/members", _set_member),
    ("POST", "/limits", _set_limits),
    ("POST", "/protect", _protect),
    ("POST", "/topics", _add_topic),
    ("POST", "/migrate", _migrate),
)
