"""Finds the accounts, chats, messages and files that arguments name, and describes them as JSON."""

from typing import Any

from tgemulator.control.arguments import Arguments, ControlError, base64_bytes
from tgemulator.emulator import Emulator
from tgemulator.world.content import BytesContent, Content, SyntheticContent
from tgemulator.world.model import Channel, Chat, Message, User
from tgemulator.world.stored_file import StoredFile

MAX_SIZE = 4 * 1024**3


def find_user(emulator: Emulator, number: int) -> User:
    """The account with that id."""
    user = emulator.world.users.get(number)
    if user is None:
        raise ControlError(404, f"there is no account {number}")
    return user


def find_chat(emulator: Emulator, number: int) -> Chat:
    """The group or channel with that id."""
    chat = emulator.world.chats.get(number)
    if chat is None:
        raise ControlError(404, f"there is no chat {number}")
    return chat


def find_messages(emulator: Emulator, arguments: Arguments) -> dict[int, Message]:
    """The messages by number that `chat` (a channel) or `account` (a mailbox) holds."""
    if arguments.has("account"):
        return emulator.world.mailbox(find_user(emulator, arguments.take("account", int)).id).messages
    chat = find_chat(emulator, arguments.take("chat", int))
    if not isinstance(chat, Channel):
        raise ControlError(400, "a basic group's messages are found under 'account'")
    return chat.messages


def find_message(held: dict[int, Message], number: Any) -> Message:
    """One of these messages, not deleted."""
    message = held.get(number) if isinstance(number, int) else None
    if message is None or message.deleted:
        raise ControlError(404, f"there is no message {number}")
    return message


def take_file(emulator: Emulator, arguments: Arguments) -> StoredFile | None:
    """`file`: the id of a stored one, or a new one: {"base64" or "size" with "seed"?, "name"?, "mime_type"?, "dc"?}."""
    if not arguments.has("file"):
        return None
    given = arguments.take("file", int | dict)
    if isinstance(given, int):
        if given not in emulator.files.files:
            raise ControlError(404, f"there is no file {given}")
        return emulator.files.files[given]
    description = Arguments(given)
    dc_id = description.take("dc", int, default=emulator.config.dcs[0].id)
    if dc_id not in {dc.id for dc in emulator.config.dcs if not dc.cdn}:
        raise ControlError(400, f"there is no DC {dc_id}")
    name = description.take("name", str, default="")
    mime_type = description.take("mime_type", str, default="application/octet-stream")
    content = _new_content(description)
    return emulator.files.add(content, dc_id=dc_id, name=name, mime_type=mime_type)


def _new_content(description: Arguments) -> Content:
    """Content from base64, or synthetic content of a size."""
    if description.has("base64"):
        data = base64_bytes(description.take("base64", str))
        description.finish()
        return BytesContent(data)
    size, seed = description.take("size", int), description.take("seed", int, default=0)
    description.finish()
    if not (0 <= size <= MAX_SIZE and 0 <= seed < 2**64):
        raise ControlError(400, "'size' must be at most 4 GiB, 'seed' an unsigned 64-bit number")
    return SyntheticContent(size, seed)


def describe_message(message: Message) -> dict[str, Any]:
    """A message as JSON."""
    return {
        "id": message.id,
        "peer": list(message.peer),
        "sender": message.sender_id,
        "date": message.date,
        "edit_date": message.edit_date,
        "text": message.text,
        "reply_to": message.reply_to,
        "deleted": message.deleted,
        "file": None if message.file is None else describe_file(message.file),
    }


def describe_file(file: StoredFile) -> dict[str, Any]:
    """A stored file as JSON."""
    return {"id": file.id, "dc": file.dc_id, "size": file.size, "name": file.name, "mime_type": file.mime_type}
