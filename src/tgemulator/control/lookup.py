"""Finds the accounts, chats, messages and files that arguments name, and describes them as JSON."""

from typing import Any

from tgemulator.control.arguments import Arguments, ControlError
from tgemulator.control.entity_descriptions import described
from tgemulator.emulator import Emulator
from tgemulator.world.model import Channel, Chat, Message, User
from tgemulator.world.stored_file import StoredFile


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
        "thread": message.thread,
        "grouped_id": message.grouped_id,
        "entities": described(message.entities),
        "deleted": message.deleted,
        "file": None if message.file is None else describe_file(message.file),
        "buttons": [[_button(button) for button in row.buttons] for row in getattr(message.reply_markup, "rows", ())],
    }


def _button(button: Any) -> dict[str, Any]:
    """A button under a message: its text, and the URL that it opens or the data that it sends."""
    kind = getattr(button, "type", None)
    data = getattr(kind, "data", None)
    return {
        "text": button.text,
        "url": getattr(kind, "url", None),
        "data": data.decode("utf-8", "replace") if isinstance(data, bytes) else None,
    }


def describe_file(file: StoredFile) -> dict[str, Any]:
    """A stored file as JSON."""
    return {"id": file.id, "dc": file.dc_id, "size": file.size, "name": file.name, "mime_type": file.mime_type}
