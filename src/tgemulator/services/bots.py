"""Commands of bots, presses of their buttons and the answers to these."""

import re
from typing import Any

from pyrogram import raw

from tgemulator.errors import RpcError
from tgemulator.services.access import account, message_of, peer_of, require, user_of
from tgemulator.services.registry import Call, method
from tgemulator.world.commands import Scope

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"([a-z]{2})?")
MOST_COMMANDS = 100
MOST_DESCRIPTION = 256
MOST_ANSWER = 200
PRESS_TIMEOUT = 10.0


@method(raw.functions.bots.SetBotCommands, users=False)
async def set_bot_commands(call: Call, query: Any) -> Any:
    """bots.setBotCommands. RpcError 400 BOT_COMMAND_INVALID, BOT_COMMAND_DESCRIPTION_INVALID, BOT_COMMANDS_TOO_MUCH."""
    require(len(query.commands) <= MOST_COMMANDS, "BOT_COMMANDS_TOO_MUCH")
    for item in query.commands:
        require(_COMMAND.fullmatch(item.command) is not None, "BOT_COMMAND_INVALID")
        require(1 <= len(item.description) <= MOST_DESCRIPTION, "BOT_COMMAND_DESCRIPTION_INVALID")
    commands = [(item.command, item.description) for item in query.commands]
    scope, lang = _scope(call, query)
    call.server.world.commands.set(account(call).id, commands, scope=scope, lang=lang)
    return True


@method(raw.functions.bots.ResetBotCommands, users=False)
async def reset_bot_commands(call: Call, query: Any) -> Any:
    """bots.resetBotCommands."""
    scope, lang = _scope(call, query)
    call.server.world.commands.set(account(call).id, [], scope=scope, lang=lang)
    return True


@method(raw.functions.bots.GetBotCommands, users=False)
async def get_bot_commands(call: Call, query: Any) -> Any:
    """bots.getBotCommands: those of exactly this scope and language."""
    scope, lang = _scope(call, query)
    commands = call.server.world.commands.get(account(call).id, scope=scope, lang=lang)
    return [raw.types.BotCommand(command=command, description=text) for command, text in commands]


@method(raw.functions.messages.SetBotCallbackAnswer, users=False)
async def set_bot_callback_answer(call: Call, query: Any) -> Any:
    """messages.setBotCallbackAnswer. RpcError 400 QUERY_ID_INVALID, MESSAGE_TOO_LONG, URL_INVALID."""
    require(len(query.message or "") <= MOST_ANSWER, "MESSAGE_TOO_LONG")
    bot = account(call)
    start = (f"https://t.me/{bot.username}?start=", f"t.me/{bot.username}?start=")
    require(not query.url or query.url.startswith(start), "URL_INVALID")
    answer = raw.types.messages.BotCallbackAnswer(
        cache_time=query.cache_time,
        alert=query.alert,
        has_url=bool(query.url) or None,
        native_ui=True,
        message=query.message,
        url=query.url,
    )
    call.server.world.callbacks.answer(bot, query.query_id, answer=answer)
    return True


@method(raw.functions.messages.GetBotCallbackAnswer, bots=False)
async def get_bot_callback_answer(call: Call, query: Any) -> Any:
    """messages.getBotCallbackAnswer: a person presses a button and waits for the bot."""
    message = message_of(call, peer_of(call, query.peer), number=query.msg_id)
    callbacks = call.server.world.callbacks
    return await callbacks.press(account(call), message, data=query.data or b"", timeout=PRESS_TIMEOUT)


_SIMPLE_SCOPES: dict[type[Any], Scope] = {
    raw.types.BotCommandScopeDefault: ("default",),
    raw.types.BotCommandScopeUsers: ("users",),
    raw.types.BotCommandScopeChats: ("chats",),
    raw.types.BotCommandScopeChatAdmins: ("chat_admins",),
}


def _scope(call: Call, query: Any) -> tuple[Scope, str]:
    """The scope and language code of a request. RpcError 400 LANG_CODE_INVALID, BOT_SCOPE_INVALID, and peer_of's."""
    require(_LANGUAGE.fullmatch(query.lang_code) is not None, "LANG_CODE_INVALID")
    scope = query.scope
    if type(scope) in _SIMPLE_SCOPES:
        return _SIMPLE_SCOPES[type(scope)], query.lang_code
    if isinstance(scope, raw.types.BotCommandScopePeer):
        return ("peer", *peer_of(call, scope.peer)), query.lang_code
    if isinstance(scope, raw.types.BotCommandScopePeerAdmins):
        return ("peer_admins", *peer_of(call, scope.peer)), query.lang_code
    if isinstance(scope, raw.types.BotCommandScopePeerUser):
        return ("peer_user", *peer_of(call, scope.peer), user_of(call, scope.user_id).id), query.lang_code
    raise RpcError(400, "BOT_SCOPE_INVALID")
