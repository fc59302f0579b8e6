"""The routes of the control API; docstrings give path, arguments and answer.

A message is named by its number and either `chat` (a channel's id) or `account` (the owner of the copy, for
private chats and basic groups). Ids are those of the API, without the -100 prefix of bot libraries.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from tgemulator.control.arguments import Arguments, ControlError, make_fault
from tgemulator.control.lookup import (
    describe_file,
    describe_message,
    find_chat,
    find_message,
    find_messages,
    find_user,
    take_file,
)
from tgemulator.control.request import Request
from tgemulator.emulator import Emulator
from tgemulator.errors import RpcError
from tgemulator.faults.floods import ThrashGuard

MAX_MESSAGES = 1000

Route = Callable[[Emulator, Arguments, tuple[str, ...]], Awaitable[Any]]


async def answer(emulator: Emulator, request: Request) -> Any:
    """The JSON value for a request. ControlError 400, 404 or 405."""
    known = False
    for method, pattern, route in _ROUTES:
        match = re.fullmatch(pattern, request.path)
        known = known or match is not None
        if match is None or method != request.method:
            continue
        arguments = Arguments.of_query(request.query) if method == "GET" else Arguments(request.json())
        try:
            return await route(emulator, arguments, match.groups())
        except RpcError as error:
            raise ControlError(400, error.text) from None
    raise ControlError(405, "this path takes another method") if known else ControlError(404, "no such path")


async def _counters(emulator: Emulator, arguments: Arguments, path: tuple[str, ...]) -> Any:
    """GET /counters: see Counters.snapshot."""
    return emulator.counters.snapshot()


async def _reset(emulator: Emulator, arguments: Arguments, path: tuple[str, ...]) -> Any:
    """POST /counters/reset"""
    emulator.counters.reset()
    return {}


async def _faults(emulator: Emulator, arguments: Arguments, path: tuple[str, ...]) -> Any:
    """GET /faults: those that are switched on, with their counts."""
    return [fault.describe() for fault in emulator.faults.active()]


async def _add_fault(emulator: Emulator, arguments: Arguments, path: tuple[str, ...]) -> Any:
    """POST /faults {"name", "arguments"?}: the fault, with the `id` that lifts it."""
    name = arguments.take("name", str)
    given = Arguments(arguments.take("arguments", dict, default={}))
    arguments.finish()
    if name in _ACTIONS:
        return _ACTIONS[name](emulator, given)
    return emulator.faults.add(make_fault(name, given)).describe()


async def _lift_fault(emulator: Emulator, arguments: Arguments, path: tuple[str, ...]) -> Any:
    """DELETE /faults/{id}"""
    if int(path[0]) not in {fault.id for fault in emulator.faults.active()}:
        raise ControlError(404, f"no fault has the id {path[0]}")
    emulator.faults.lift(int(path[0]))
    return {}


async def _lift_all(emulator: Emulator, arguments: Arguments, path: tuple[str, ...]) -> Any:
    """DELETE /faults: lifts all of them and ends every flood wait."""
    emulator.faults.lift_all()
    return {}


async def _post(emulator: Emulator, arguments: Arguments, path: tuple[str, ...]) -> Any:
    """POST /post {"chat", "sender"?, "text"?, "file"?}: the new message of a channel or group."""
    chat = find_chat(emulator, arguments.take("chat", int))
    sender = find_user(emulator, arguments.take("sender", int)) if arguments.has("sender") else None
    text, file = arguments.take("text", str, default=""), take_file(emulator, arguments)
    arguments.finish()
    return describe_message(await emulator.world.post(chat, sender=sender, text=text, file=file))


async def _send(emulator: Emulator, arguments: Arguments, path: tuple[str, ...]) -> Any:
    """POST /send {"sender", "recipient", "text"?, "file"?, "reply_to"?}: the recipient's copy, and its numbers."""
    sender = find_user(emulator, arguments.take("sender", int))
    recipient = find_user(emulator, arguments.take("recipient", int))
    reply_to = None
    if arguments.has("reply_to"):
        reply_to = find_message(emulator.world.mailbox(recipient.id).messages, arguments.take("reply_to", int))
    text, file = arguments.take("text", str, default=""), take_file(emulator, arguments)
    arguments.finish()
    message = await emulator.world.send_private(sender, recipient, text=text, file=file, reply_to=reply_to)
    return describe_message(message)


async def _edit(emulator: Emulator, arguments: Arguments, path: tuple[str, ...]) -> Any:
    """POST /edit {"chat" or "account", "message", "text"?, "file"?}: the message as it is then."""
    message = find_message(find_messages(emulator, arguments), arguments.take("message", int))
    text, file = arguments.take("text", str, default=None), take_file(emulator, arguments)
    arguments.finish()
    await emulator.world.edit(message, text=text, file=file)
    return describe_message(message)


async def _delete(emulator: Emulator, arguments: Arguments, path: tuple[str, ...]) -> Any:
    """POST /delete {"chat" or "account", "messages": [number, ...]}: {"deleted": n}"""
    held = find_messages(emulator, arguments)
    numbers = arguments.take("messages", list)
    arguments.finish()
    await emulator.world.delete([find_message(held, number) for number in numbers])
    return {"deleted": len(numbers)}


async def _list_messages(emulator: Emulator, arguments: Arguments, path: tuple[str, ...]) -> Any:
    """GET /messages?chat= or ?account= [&after=]: {"messages", "more"}, at most 1000, oldest first."""
    after = arguments.take("after", int, default=0)
    held = find_messages(emulator, arguments)
    arguments.finish()
    numbers = [number for number in sorted(held) if number > after]
    shown = [describe_message(held[number]) for number in numbers[:MAX_MESSAGES]]
    return {"messages": shown, "more": len(numbers) > MAX_MESSAGES}


async def _press(emulator: Emulator, arguments: Arguments, path: tuple[str, ...]) -> Any:
    """POST /press {"user", "chat" or "account", "message", "data"}: the bot's answer to the callback query."""
    user = find_user(emulator, arguments.take("user", int))
    message = find_message(find_messages(emulator, arguments), arguments.take("message", int))
    data = arguments.take("data", str)
    arguments.finish()
    given = await emulator.world.press(user, message, data.encode())
    return {"message": given.message, "alert": bool(given.alert), "url": given.url}


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


async def _restart(emulator: Emulator, arguments: Arguments, path: tuple[str, ...]) -> Any:
    """POST /dc/{id}/restart {"down_for"?: seconds}: answers when the DC is up again."""
    down_for = arguments.take("down_for", float, default=0.0)
    arguments.finish()
    if int(path[0]) not in {dc.id for dc in emulator.config.dcs}:
        raise ControlError(404, f"there is no DC {path[0]}")
    if not 0 <= down_for <= 3600:
        raise ControlError(400, "'down_for' must be between 0 and 3600 seconds")
    await emulator.restart_dc(int(path[0]), down_for=down_for)
    return {}


async def _drop(emulator: Emulator, arguments: Arguments, path: tuple[str, ...]) -> Any:
    """POST /drop {"dc"?, "user"?}: closes connections at once; {"dropped": n}"""
    dc_id, user_id = arguments.take("dc", int, default=None), arguments.take("user", int, default=None)
    arguments.finish()
    return {"dropped": await emulator.drop_connections(dc_id, user_id=user_id)}


def _expire_references(emulator: Emulator, arguments: Arguments) -> Any:
    """{"file"?}: see Faults.expire_references."""
    number = arguments.take("file", int, default=None)
    arguments.finish()
    if number is not None and number not in emulator.files.files:
        raise ControlError(404, f"there is no file {number}")
    emulator.faults.expire_references(None if number is None else emulator.files.files[number])
    return {}


def _dead_key(emulator: Emulator, arguments: Arguments) -> Any:
    """{"code"?, "text"?, "dc"?, "user"?}: see Faults.dead_key."""
    code, text = arguments.take("code", int, default=-404), arguments.take("text", str, default="")
    dc_id, user_id = arguments.take("dc", int, default=None), arguments.take("user", int, default=None)
    arguments.finish()
    return emulator.faults.dead_key(code, text, dc=dc_id, user=user_id).describe()


def _thrash_guard(emulator: Emulator, arguments: Arguments) -> Any:
    """{"keys"?, "exports"?, "logins"?, "window"?, "seconds"?}, or {"off": true}: see ThrashGuard."""
    off = arguments.take("off", bool, default=False)
    guard = ThrashGuard(**arguments.rest(ThrashGuard))
    emulator.faults.thrash_guard(None if off else guard)
    return {}


_ACTIONS: dict[str, Callable[[Emulator, Arguments], Any]] = {
    "expire_references": _expire_references,
    "dead_key": _dead_key,
    "thrash_guard": _thrash_guard,
}
_ROUTES: tuple[tuple[str, str, Route], ...] = (
    ("GET", "/counters", _counters),
    ("POST", "/counters/reset", _reset),
    ("GET", "/faults", _faults),
    ("POST", "/faults", _add_fault),
    ("DELETE", r"/faults/([0-9]{1,9})", _lift_fault),
    ("DELETE", "/faults", _lift_all),
    ("POST", "/post", _post),
    ("POST", "/send", _send),
    ("POST", "/edit", _edit),
    ("POST", "/delete", _delete),
    ("GET", "/messages", _list_messages),
    ("POST", "/press", _press),
    ("GET", "/world", _world),
    ("POST", r"/dc/([0-9]{1,3})/restart", _restart),
    ("POST", "/drop", _drop),
)
