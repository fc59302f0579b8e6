"""Users and usernames."""

import re
from typing import Any

from pyrogram import raw

from tgemulator.errors import RpcError
from tgemulator.services.access import account, require, user_of, view_for
from tgemulator.services.registry import Call, method
from tgemulator.world.commands import Scope
from tgemulator.world.model import Channel, User
from tgemulator.world.view import View
from tgemulator.world.world import World

_USERNAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{3,31}")


@method(raw.functions.users.GetUsers)
async def get_users(call: Call, query: Any) -> Any:
    """users.getUsers: those that the caller may access; others are left out."""
    view = view_for(call)
    found = []
    for given in query.id:
        try:
            found.append(view.user(user_of(call, given).id))
        except RpcError as error:
            if error.text != "USER_ID_INVALID":
                raise
    return found


@method(raw.functions.users.GetFullUser)
async def get_full_user(call: Call, query: Any) -> Any:
    """users.getFullUser."""
    user = user_of(call, query.id)
    view = view_for(call)
    view.user(user.id)
    common = [
        chat for chat in call.server.world.chats.values() if user.id in chat.members and view.viewer.id in chat.members
    ]
    full = raw.types.UserFull(
        id=user.id,
        settings=raw.types.PeerSettings(),
        notify_settings=raw.types.PeerNotifySettings(),
        common_chats_count=len(common) if user.id != view.viewer.id else 0,
        blocked=user.id in view.viewer.blocked or None,
        bot_info=_private_bot_info(call, user) if user.is_bot else None,
    )
    return raw.types.users.UserFull(full_user=full, chats=[], users=list(view.users.values()))


def bot_info(world: World, bot: User, *scopes: Scope) -> Any:
    """raw.types.BotInfo with the commands of the first of these scopes that has any, the default one last."""
    return raw.types.BotInfo(
        user_id=bot.id,
        commands=[
            raw.types.BotCommand(command=command, description=description)
            for command, description in world.commands.shown(bot.id, *scopes, ("default",))
        ],
        menu_button=raw.types.BotMenuButtonDefault(),
    )


def _private_bot_info(call: Call, bot: User) -> Any:
    """With the commands that the caller sees in the private chat (core.telegram.org/api/bots/commands)."""
    return bot_info(call.server.world, bot, ("peer", "user", account(call).id), ("users",))


@method(raw.functions.contacts.ResolveUsername)
async def resolve_username(call: Call, query: Any) -> Any:
    """contacts.resolveUsername."""
    name = query.username.removeprefix("@")
    require(_USERNAME.fullmatch(name) is not None, "USERNAME_INVALID")
    found = call.server.world.find_username(name)
    if found is None:
        raise RpcError(400, "USERNAME_NOT_OCCUPIED")
    return _resolved(view_for(call), found)


@method(raw.functions.contacts.ResolvePhone, bots=False)
async def resolve_phone(call: Call, query: Any) -> Any:
    """contacts.resolvePhone."""
    phone = "".join(filter(str.isdigit, query.phone))
    found = next((user for user in call.server.world.users.values() if phone and user.phone == phone), None)
    if found is None:
        raise RpcError(400, "PHONE_NOT_OCCUPIED")
    return _resolved(view_for(call), found)


def _resolved(view: View, found: User | Channel) -> Any:
    peer = view.peer(found.peer if isinstance(found, Channel) else ("user", found.id))
    return raw.types.contacts.ResolvedPeer(peer=peer, chats=list(view.chats.values()), users=list(view.users.values()))


@method(raw.functions.contacts.GetContacts, bots=False)
async def get_contacts(call: Call, query: Any) -> Any:
    """contacts.getContacts: none."""
    account(call)
    return raw.types.contacts.Contacts(contacts=[], saved_count=0, users=[])


@method(raw.functions.contacts.Block, raw.functions.contacts.Unblock, bots=False)
async def block(call: Call, query: Any) -> Any:
    """contacts.block and contacts.unblock."""
    user, other = account(call), user_of(call, query.id, error="PEER_ID_INVALID")
    if isinstance(query, raw.functions.contacts.Block):
        user.blocked.add(other.id)
    else:
        user.blocked.discard(other.id)
    return True


@method(raw.functions.photos.GetUserPhotos)
async def get_user_photos(call: Call, query: Any) -> Any:
    """photos.getUserPhotos: none."""
    user_of(call, query.user_id)
    return raw.types.photos.Photos(photos=[], users=[])


@method(raw.functions.account.UpdateStatus, bots=False)
async def update_status(call: Call, query: Any) -> Any:
    """account.updateStatus."""
    account(call)
    return True
