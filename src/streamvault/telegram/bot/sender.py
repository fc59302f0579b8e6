"""Who is answered, and in which lane: owners first, then members, others seldom and in private only."""

from pyrogram import enums
from pyrogram.types import Message

from streamvault.access.identity import Role
from streamvault.telegram.bot import texts
from streamvault.telegram.bot.desk import sender
from streamvault.telegram.bot.outbox import Outbox
from streamvault.telegram.bot.presses import Press
from streamvault.telegram.bot.texts import Answer


class Sender:
    """`edits` sends what replaces a message: apart, so that no flood wait there keeps answers back."""

    def __init__(self, outbox: Outbox, edits: Outbox) -> None:
        self._outbox = outbox
        self._edits = edits

    def reply(self, message: Message, role: Role | None, answer: Answer | str) -> None:
        """Answer a message of somebody with this role; None: it cannot be told, so nothing is said."""
        given = Answer(answer) if isinstance(answer, str) else answer
        person = sender(message)
        if role == "owner":
            self._outbox.answer(message.chat.id, message.id, given)
        elif person is None or role is None:
            return
        elif role == "member":
            self._outbox.member(person.id, message.chat.id, message.id, given)
        elif in_private(message):
            self._outbox.stranger(person.id, message.chat.id, message.id, given.text)

    def refuse(self, message: Message, role: Role | None) -> None:
        """Tell a person who may not do this who may."""
        person = sender(message)
        self.reply(message, role, texts.not_an_owner(None if person is None else person.id))

    def tell(self, owner: int, answer: Answer) -> None:
        """Write to an owner who has not asked."""
        self._outbox.answer(owner, None, answer)

    def replace(self, press: Press, answer: Answer) -> None:
        """Replace the message under which a button was pressed."""
        self._edits.answer(press.chat_id, press.message_id, answer)


def in_private(message: Message) -> bool:
    """Whether a message is in the private chat with the bot."""
    return bool(message.chat.type is enums.ChatType.PRIVATE)


def arguments(message: Message) -> str:
    """What stands behind the command."""
    return " ".join((message.command or [""])[1:])
