"""/invite and /people: owners let people in and remove them."""

import re
from collections.abc import Callable
from typing import Any

from pyrogram import Client, enums
from pyrogram import errors as rpc
from pyrogram.types import Message

from streamvault.access.identity import Person
from streamvault.access.once import OnceTokens
from streamvault.errors import CatalogError, SourceError, TooManyTries
from streamvault.telegram.bot import access_texts, texts
from streamvault.telegram.bot.desk import Desk, Roles, person_of, sender
from streamvault.telegram.bot.logging_in import MAY_LOG_IN
from streamvault.telegram.bot.presses import Notice, Press, start_of
from streamvault.telegram.bot.replies import replied_message
from streamvault.telegram.bot.sender import Sender, arguments, in_private
from streamvault.telegram.bot.texts import Answer

PARAMETER = "invite_"
_ID = re.compile(r"[1-9][0-9]{0,15}", re.ASCII)


class PeopleCommands:
    """`bot_url(parameter)`: the link that opens the bot with a start parameter."""

    def __init__(
        self, desk: Desk, invitations: OnceTokens, *, roles: Roles, send: Sender, bot_url: Callable[[str], str]
    ) -> None:
        self._desk = desk
        self._invitations = invitations
        self._roles = roles
        self._send = send
        self._bot_url = bot_url

    async def invite(self, client: Client, message: Message) -> None:
        """/invite: a link, or the person of an id, of a replied message or of a replied contact."""
        person, given = sender(message), arguments(message)
        if person is None or not self._roles.is_owner(person):
            self._send.refuse(message, "none")
            return
        try:
            if _ID.fullmatch(given):
                answer = await self._admit(Person(int(given), ""), by=person)
            elif given:
                answer = Answer(access_texts.INVITE_HOW)
            elif message.reply_to_message_id is not None:
                answer = await self._admit_replied(client, message, by=person)
            elif not in_private(message):
                answer = Answer(access_texts.IN_PRIVATE)
            else:
                token = await self._invitations.new(person)
                answer = access_texts.invitation(self._bot_url(PARAMETER + token), token)
        except TooManyTries:
            answer = Answer(access_texts.TOO_MANY_INVITATIONS)
        except CatalogError:
            answer = Answer(access_texts.UNAVAILABLE)
        self._send.reply(message, "owner", answer)

    async def accept(self, message: Message) -> None:
        """/start with the parameter of an invitation: whoever opens it first is a member."""
        person = sender(message)
        role = await self._roles.of(person)
        if person is None or role is None:
            return
        if role in MAY_LOG_IN:
            self._send.reply(message, role, access_texts.IS_MEMBER)
            return
        try:
            token = arguments(message).removeprefix(PARAMETER)
            owner = await self._invitations.claim(token, person.id)
            if owner is None or not self._roles.is_owner(owner):
                self._send.reply(message, role, access_texts.BAD_INVITATION)
                return
            await self._desk.admit(person, by=owner)
            await self._invitations.redeem(token)
        except CatalogError:
            self._send.reply(message, role, access_texts.UNAVAILABLE)
            return
        self._send.reply(message, "member", access_texts.WELCOME)

    async def people(self, message: Message) -> None:
        """/people: the members."""
        if not self._roles.is_owner(sender(message)):
            self._send.refuse(message, "none")
        elif not in_private(message):
            self._send.reply(message, "owner", access_texts.IN_PRIVATE)
        else:
            self._send.reply(message, "owner", await self._list())

    async def press(self, press: Press) -> Notice:
        """Remove a member. Raises CatalogError."""
        number = press.data.partition(":")[2]
        if not self._roles.is_owner(press.person) or not _ID.fullmatch(number):
            return Notice(access_texts.NOT_YOURS, alert=True)
        removed = await self._desk.remove(int(number), by=press.person)
        self._send.replace(press, access_texts.people(await self._desk.members()))
        return Notice("Removed." if removed else access_texts.ANSWERED)

    async def page(self, press: Press) -> Notice:
        """Show other members. Raises CatalogError."""
        start = start_of(press.data)
        if not self._roles.is_owner(press.person) or start is None:
            return Notice(access_texts.NOT_YOURS, alert=True)
        self._send.replace(press, access_texts.people(await self._desk.members(), start))
        return Notice("")

    async def withdraw(self, press: Press) -> Notice:
        """Withdraw an invitation. Raises CatalogError."""
        if not self._roles.is_owner(press.person):
            return Notice(access_texts.NOT_YOURS, alert=True)
        withdrawn = await self._invitations.redeem(press.data.partition(":")[2]) is not None
        text = access_texts.WITHDRAWN if withdrawn else access_texts.INVITATION_OVER
        self._send.replace(press, Answer(text))
        return Notice(text)

    async def _list(self) -> Answer:
        try:
            return access_texts.people(await self._desk.members())
        except CatalogError:
            return Answer(access_texts.UNAVAILABLE)

    async def _admit(self, person: Person, *, by: Person) -> Answer:
        return Answer(access_texts.admitted(person, new=await self._desk.admit(person, by=by)))

    async def _admit_replied(self, client: Client, message: Message, *, by: Person) -> Answer:
        try:
            replied = await replied_message(client, message)
        except (rpc.RPCError, SourceError, OSError):
            return Answer(texts.UNREADABLE)
        person = None if replied is None else _meant(replied, asker=by, private=in_private(message))
        if person is None:
            return Answer(access_texts.UNKNOWN_PERSON)
        return await self._admit(person, by=by)


def _meant(replied: Message, *, asker: Person, private: bool) -> Person | None:
    """Whom a message means: in a group who wrote it, whatever it holds; in private, where the asker has sent it, its
    contact, or who it was forwarded from. No bot."""
    user, origin, contact = replied.from_user, replied.forward_origin, replied.contact
    if private and contact is not None:
        return _of_contact(contact)
    if private and origin is not None:
        user = origin.sender_user if origin.type is enums.MessageOriginType.USER else None
    if user is None or user.is_bot or user.id == asker.id:
        return None
    return person_of(user)


def _of_contact(contact: Any) -> Person | None:
    names = filter(None, (contact.first_name, contact.last_name))
    return Person(int(contact.user_id), " ".join(names)) if contact.user_id else None
