"""Routes of the control API for messages; docstrings give path, arguments and answer.

A message is named by its number and either `chat` (a channel's id) or `account` (the owner of the copy, for
private chats and basic groups). docs/EMULATOR.md lists the keys of a message.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tgemulator.control.arguments import Arguments
from tgemulator.control.entity_descriptions import entities_of
from tgemulator.control.file_descriptions import FileDescriptions
from tgemulator.control.lookup import describe_message, find_chat, find_message, find_messages, find_user
from tgemulator.control.message_descriptions import MessageDescriptions, text_of
from tgemulator.control.references import References
from tgemulator.emulator import Emulator
from tgemulator.world.model import Message

MAX_MESSAGES = 1000


async def _post(emulator: Emulator, arguments: Arguments, path: tuple[str, ...]) -> Any:
    """POST /post {"chat", "sender"?, message}: the new message of a channel or group, or {"messages"} of an album."""
    chat = find_chat(emulator, arguments.take("chat", int))
    sender = find_user(emulator, arguments.take("sender", int)) if arguments.has("sender") else None
    drafts = _descriptions(emulator).drafts(arguments.description("the post"), chat)
    return _made(emulator.world.post_drafts(chat, drafts, sender=sender))


async def _send(emulator: Emulator, arguments: Arguments, path: tuple[str, ...]) -> Any:
    """POST /send {"sender", "recipient", message}: the recipient's copy, and its numbers; {"messages"} of an album."""
    sender = find_user(emulator, arguments.take("sender", int))
    recipient = find_user(emulator, arguments.take("recipient", int))
    reply_to = None
    if arguments.has("reply_to"):
        answered = find_message(emulator.world.mailbox(recipient.id).messages, arguments.take("reply_to", int))
        original = emulator.world.delivery.copy_for(answered, sender.id)
        reply_to = None if original is None else original.id
    drafts = _descriptions(emulator).drafts(arguments.description("the message"), None)
    return _made(emulator.world.send_drafts(sender, recipient, [replace(draft, reply_to=reply_to) for draft in drafts]))


async def _edit(emulator: Emulator, arguments: Arguments, path: tuple[str, ...]) -> Any:
    """POST /edit {"chat" or "account", "message", "text"? with "entities"?, "file"?}: the message as it is then."""
    message = find_message(find_messages(emulator, arguments), arguments.take("message", int))
    given = arguments.description("the edit")
    text = text_of(given) if given.has("text") or given.has("entities") else None
    if text == "" and message.file is None and not given.has("file"):
        raise given.wrong("a message without a file needs a text")
    entities = message.entities if text is None else entities_of(given, text)
    file = FileDescriptions(emulator, None).under(given, "file") if given.has("file") else None
    given.finish()
    await emulator.world.edit(message, text=text, file=file, entities=entities)
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


async def _start(emulator: Emulator, arguments: Arguments, path: tuple[str, ...]) -> Any:
    """POST /start {"user", "bot", "parameter"?}: opens t.me/BOT?start=parameter; the bot's copy of the message."""
    user, bot = find_user(emulator, arguments.take("user", int)), find_user(emulator, arguments.take("bot", int))
    parameter = arguments.take("parameter", str, default="")
    arguments.finish()
    return describe_message(await emulator.world.start_bot(user, bot, parameter))


def _descriptions(emulator: Emulator) -> MessageDescriptions:
    return MessageDescriptions(emulator.world, References(emulator.world), FileDescriptions(emulator, None))


def _made(messages: Sequence[Message]) -> dict[str, Any]:
    """One message, or several as {"messages": [...]}."""
    described = [describe_message(message) for message in messages]
    return described[0] if len(described) == 1 else {"messages": described}


MESSAGE_ROUTES = (
    ("POST", "/post", _post),
    ("POST", "/send", _send),
    ("POST", "/edit", _edit),
    ("POST", "/delete", _delete),
    ("GET", "/messages", _list_messages),
    ("POST", "/press", _press),
    ("POST", "/start", _start),
)
