"""Who may use the leech bot, and its answers to them."""

from pyrogram.types import Message

from streamvault.access.identity import Person
from streamvault.telegram.bot.desk import Roles, sender
from streamvault.telegram.bot.leech import wording
from streamvault.telegram.bot.presses import Press
from streamvault.telegram.bot.sender import Sender
from streamvault.telegram.bot.texts import Answer


class Permission:
    """`roles`: of owners, of people with the right to leech ("member"), and of all others ("none")."""

    def __init__(self, roles: Roles, send: Sender) -> None:
        self._roles = roles
        self._send = send

    async def of_message(self, message: Message) -> Person | None:
        """Who wrote a message, if that person may leech; else the person is told, in private and seldom."""
        person = sender(message)
        role = await self._roles.of(person)
        if person is not None and role in ("owner", "member"):
            return person
        if role is not None:
            self._send.reply(message, role, wording.not_allowed(None if person is None else person.id))
        return None

    async def of_press(self, press: Press) -> bool:
        """Whether who pressed may leech."""
        return await self._roles.of(press.person) in ("owner", "member")

    def whose(self, person: Person) -> int | None:
        """Whose jobs a person may change: None for everybody's."""
        return None if self._roles.is_owner(person) else person.id

    def answer(self, message: Message, answer: Answer | str) -> None:
        """Answer somebody who may leech: in the same lane as owners."""
        self._send.reply(message, "owner", answer)

    def replace(self, press: Press, answer: Answer | str) -> None:
        """Replace the message under which a button was pressed."""
        self._send.replace(press, Answer(answer) if isinstance(answer, str) else answer)
